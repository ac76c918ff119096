"""A LiveKit server for the tests: server API, agent dispatch and webhooks, with every token checked by LiveKit's own
Python library.

livekit_server.py PORT FILE: listens on 127.0.0.1:PORT, then writes its URL to FILE.

Participants join it by its signalling (`/rtc`), over WebRTC with aiortc, for data only: what they say as text streams is kept,
and said on to those it is for.

It answers as LiveKit 1.11 does, its three seconds of silence over an empty room included. There are as many servers in
it as tests want: `POST /control` makes one, with a key of its own, and `POST /control/KEY/ACTION` asks it about what it
got, or makes it misbehave; the actions are the methods of Control. Bodies and answers are JSON objects.
"""

import asyncio
import base64
import binascii
import datetime
import hashlib
import json
import os
import secrets
import sys
import time

import aiohttp
import jwt
from aiohttp import web
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.sdp import candidate_from_sdp
from google.protobuf.json_format import MessageToDict, MessageToJson, ParseDict, ParseError
from livekit import api
from livekit.protocol import agent_dispatch, models, rtc, webhook

SILENCE = 3.0
WEBHOOK_PAUSES = [1, 3, 7, 15]


class Refusal(Exception):
    """An answer that is no success."""

    def __init__(self, status, code, words):
        self.status, self.code, self.words = status, code, words

    def response(self):
        if self.code is None:
            return web.Response(status=self.status, text=self.words, content_type="text/plain")
        return web.json_response({"code": self.code, "msg": self.words}, status=self.status)


class Room:
    def __init__(self, name):
        self.info = models.Room(
            sid=f"RM_{secrets.token_hex(6)}", name=name, empty_timeout=300, departure_timeout=20,
            creation_time=int(time.time()), creation_time_ms=int(time.time() * 1000),
        )
        self.participants = {}
        self.dispatches = {}
        self.nonces = set()
        self.packets = []
        self.connections = {}
        self.streams, self.heard = {}, []

    def answer(self):
        self.info.num_participants = len(self.participants)
        return self.info


class World:
    """One LiveKit server: a key, and what its memory holds."""

    def __init__(self):
        self.key, self.secret = f"API{secrets.token_hex(6)}", secrets.token_urlsafe(32)
        self.rooms, self.calls, self.answers = {}, [], []
        self.agents, self.webhook_url = set(), None
        self.queues, self.tasks = {}, set()
        # Takes nothing in any more, like a machine that is gone.
        self.is_deaf = False
        # What was said in rooms that are forgotten.
        self.past = []

    def room(self, name, configuration=None):
        """The room of that name, made if it isn't there."""
        if name not in self.rooms:
            room = self.rooms[name] = Room(name)
            self.tell("room_started", room)
            if configuration is not None:
                room.info.metadata = configuration.metadata
                room.info.empty_timeout = configuration.empty_timeout or 300
                room.info.departure_timeout = configuration.departure_timeout or 20
                room.info.max_participants = configuration.max_participants
            # A room without agents sends for those that have no name.
            for agent in getattr(configuration, "agents", None) or [models_agent("")]:
                self.dispatch(room, agent.agent_name, agent.metadata)
        return self.rooms[name]

    def existing(self, name):
        if name not in self.rooms:
            raise Refusal(404, "not_found", "requested room does not exist")
        return self.rooms[name]

    def dispatch(self, room, name, metadata):
        dispatch = agent_dispatch.AgentDispatch(
            id=f"AD_{secrets.token_hex(6)}", agent_name=name, room=room.info.name, metadata=metadata
        )
        dispatch.state.created_at = time.time_ns()
        room.dispatches[dispatch.id] = dispatch
        if name in self.agents:
            self.start(self.agent_joins(room, name))
        return dispatch

    async def agent_joins(self, room, name):
        await asyncio.sleep(0.25)
        attributes = {"lk.agent.name": name, "lk.agent.state": "listening"}
        self.join(room, f"agent-AJ_{secrets.token_hex(6)}", kind=models.ParticipantInfo.AGENT, attributes=attributes)

    def join(self, room, identity, **fields):
        participant = models.ParticipantInfo(
            sid=f"PA_{secrets.token_hex(6)}", identity=identity, state=models.ParticipantInfo.ACTIVE,
            joined_at=int(time.time()), joined_at_ms=int(time.time() * 1000), **fields,
        )
        room.participants[identity] = participant
        self.tell("participant_joined", room, participant)
        self.announce(room, participant)
        return participant

    def announce(self, room, participant):
        """Tells those who are connected of a participant."""
        response = rtc.SignalResponse()
        response.update.participants.append(participant)
        for connection in list(room.connections.values()):
            self.start(connection.send(response))

    def leave(self, room, identity, reason):
        participant = room.participants.pop(identity, None)
        if participant is None:
            raise Refusal(404, "not_found", "participant does not exist")
        participant.state = models.ParticipantInfo.DISCONNECTED
        participant.disconnect_reason = reason
        self.tell("participant_left", room, participant)
        self.announce(room, participant)
        connection = room.connections.pop(identity, None)
        if connection is not None:
            self.start(connection.close(reason))

    def finish(self, room):
        for identity in list(room.participants):
            self.leave(room, identity, models.ROOM_DELETED)
        del self.rooms[room.info.name]
        self.tell("room_finished", room)

    def tell(self, event, room, participant=None):
        """Queues a webhook; each room has a queue of its own, and a webhook waits for the one before it."""
        if self.webhook_url is None:
            return
        told = webhook.WebhookEvent(
            event=event, id=f"EV_{secrets.token_hex(6)}", created_at=int(time.time()), room=room.answer()
        )
        if participant is not None:
            told.participant.CopyFrom(participant)
        queue = self.queues.get(room.info.name)
        if queue is None:
            queue = self.queues[room.info.name] = asyncio.Queue()
            self.start(self.deliver(queue))
        queue.put_nowait(MessageToJson(told, indent=None).encode())

    def start(self, work):
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def deliver(self, queue):
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
            while True:
                body = await queue.get()
                for pause in [*WEBHOOK_PAUSES, None]:
                    headers = {"Content-Type": "application/webhook+json", "Authorization": self.signed(body)}
                    try:
                        async with session.post(self.webhook_url, data=body, headers=headers) as answer:
                            if answer.status < 500:
                                break
                    except aiohttp.ClientError:
                        pass
                    if pause is not None:
                        await asyncio.sleep(pause)

    def signed(self, body, issuer=None, secret=None, life=300):
        """A webhook's `Authorization`."""
        token = api.AccessToken(issuer or self.key, secret or self.secret)
        token.with_sha256(base64.b64encode(hashlib.sha256(body).digest()).decode())
        return token.with_ttl(datetime.timedelta(seconds=life)).to_jwt()

    def claims(self, token):
        """What LiveKit's library makes of a token."""
        return api.TokenVerifier(self.key, self.secret).verify(token)


def models_agent(name):
    return agent_dispatch.RoomAgentDispatch(agent_name=name)


class Twirp:
    """The methods of the server API: each takes the parsed request, and gives back the answer's object."""

    def __init__(self, world, claims):
        self.world, self.video = world, claims.video

    def need(self, *grants, room=None):
        if not any(getattr(self.video, grant) for grant in grants) or (room is not None and self.video.room != room):
            raise Refusal(401, "unauthenticated", "permissions denied")

    async def heard(self, room):
        """Somebody has to be in the room, or nobody answers."""
        if not self.world.rooms.get(room) or not self.world.rooms[room].participants:
            await asyncio.sleep(SILENCE)
            raise Refusal(503, "unavailable", "twirp error unknown: no response from servers")
        return self.world.rooms[room]

    async def RoomService_CreateRoom(self, request: api.CreateRoomRequest):
        self.need("room_create")
        check_lengths(request.name, request.metadata)
        return self.world.room(request.name, request).answer()

    async def RoomService_ListRooms(self, request: api.ListRoomsRequest):
        self.need("room_list")
        rooms = [room for name, room in self.world.rooms.items() if not request.names or name in request.names]
        return api.ListRoomsResponse(rooms=[room.answer() for room in rooms])

    async def RoomService_DeleteRoom(self, request: api.DeleteRoomRequest):
        self.need("room_create")
        self.world.finish(self.world.existing(request.room))
        return api.DeleteRoomResponse()

    async def RoomService_UpdateRoomMetadata(self, request: api.UpdateRoomMetadataRequest):
        self.need("room_admin", room=request.room)
        check_lengths(request.room, request.metadata)
        room = self.world.existing(request.room)
        room.info.metadata = request.metadata
        return room.answer()

    async def RoomService_ListParticipants(self, request: api.ListParticipantsRequest):
        self.need("room_admin", room=request.room)
        room = self.world.rooms.get(request.room)
        return api.ListParticipantsResponse(participants=room.participants.values() if room else [])

    async def RoomService_RemoveParticipant(self, request: api.RoomParticipantIdentity):
        self.need("room_admin", room=request.room)
        self.world.leave(self.world.existing(request.room), request.identity, models.PARTICIPANT_REMOVED)
        return api.RemoveParticipantResponse()

    async def RoomService_SendData(self, request: api.SendDataRequest):
        self.need("room_admin", room=request.room)
        if len(request.nonce) not in (0, 16):
            raise Refusal(400, "invalid_argument", "nonce should be 16-bytes or not present")
        room = await self.heard(request.room)
        if request.nonce not in room.nonces:
            if request.nonce:
                room.nonces.add(request.nonce)
            room.packets.append(
                {
                    "data": base64.b64encode(request.data).decode(), "topic": request.topic, "kind": request.kind,
                    "destinations": list(request.destination_identities),
                }
            )
        return api.SendDataResponse()

    async def AgentDispatchService_CreateDispatch(self, request: api.CreateAgentDispatchRequest):
        self.need("room_admin", room=request.room)
        check_lengths(request.room, request.metadata)
        return self.world.dispatch(self.world.room(request.room), request.agent_name, request.metadata)

    async def AgentDispatchService_ListDispatch(self, request: api.ListAgentDispatchRequest):
        self.need("room_admin", room=request.room)
        room = await self.heard(request.room)
        found = [each for each in room.dispatches.values() if request.dispatch_id in ("", each.id)]
        return api.ListAgentDispatchResponse(agent_dispatches=found)

    async def AgentDispatchService_DeleteDispatch(self, request: api.DeleteAgentDispatchRequest):
        self.need("room_admin", room=request.room)
        room = await self.heard(request.room)
        if request.dispatch_id not in room.dispatches:
            raise Refusal(404, "not_found", "dispatch does not exist")
        return room.dispatches.pop(request.dispatch_id)


def check_lengths(name, metadata):
    if not name or len(name) > 256:
        raise Refusal(400, "invalid_argument", "room name is missing or too long")
    if len(metadata.encode()) > 64000:
        raise Refusal(400, "invalid_argument", "metadata size exceeds limits")


class Connection:
    """A participant who is connected: a WebSocket, and a peer connection for each direction."""

    def __init__(self, world, room, participant, socket, transport):
        self.world, self.room, self.participant = world, room, participant
        self.socket, self.transport = socket, transport
        self.up, self.down = RTCPeerConnection(), RTCPeerConnection()
        self.channel = self.down.createDataChannel("_reliable")
        self.down.createDataChannel("_lossy")
        # Before the channel is open.
        self.waiting = []
        # Candidates that came before what they belong to.
        self.early = {self.up: [], self.down: []}

        @self.channel.on("open")
        def ready():
            for packet in self.waiting:
                self.channel.send(packet)
            self.waiting = []

        @self.up.on("datachannel")
        def opened(channel):
            channel.on("message", self.received)

    def deliver(self, packet):
        if self.channel.readyState == "open":
            self.channel.send(packet)
        elif self.channel.readyState == "connecting":
            self.waiting.append(packet)

    async def send(self, response):
        try:
            await self.socket.send_bytes(response.SerializeToString())
        except (ConnectionError, RuntimeError):
            pass  # It is just leaving.

    async def serve(self):
        response = rtc.SignalResponse()
        join = response.join
        join.room.CopyFrom(self.room.answer())
        join.participant.CopyFrom(self.participant)
        join.other_participants.extend(each for each in self.room.participants.values() if each is not self.participant)
        join.server_info.version = join.server_version = "1.11.0"
        join.server_info.protocol = 16
        join.subscriber_primary = True
        join.ping_interval, join.ping_timeout = 5, 15
        await self.send(response)
        await self.down.setLocalDescription(await self.down.createOffer())
        response = rtc.SignalResponse()
        response.offer.type, response.offer.sdp = "offer", self.down.localDescription.sdp
        await self.send(response)
        async for message in self.socket:
            if message.type == aiohttp.WSMsgType.BINARY and not await self.take(rtc.SignalRequest.FromString(message.data)):
                break

    async def take(self, request):
        """What the participant asks for. False when it leaves."""
        if self.world.is_deaf:
            return True
        response = rtc.SignalResponse()
        match request.WhichOneof("message"):
            case "offer":
                await self.up.setRemoteDescription(RTCSessionDescription(request.offer.sdp, "offer"))
                await self.add_early(self.up)
                await self.up.setLocalDescription(await self.up.createAnswer())
                response.answer.type, response.answer.sdp = "answer", self.up.localDescription.sdp
                response.answer.id = request.offer.id
            case "answer":
                await self.down.setRemoteDescription(RTCSessionDescription(request.answer.sdp, "answer"))
                await self.add_early(self.down)
            case "trickle":
                await self.trickle(request.trickle)
            case "ping":
                response.pong = int(time.time() * 1000)
            case "ping_req":
                response.pong_resp.last_ping_timestamp = request.ping_req.timestamp
                response.pong_resp.timestamp = int(time.time() * 1000)
            case "update_metadata":
                self.participant.attributes.update(request.update_metadata.attributes)
                self.world.announce(self.room, self.participant)
                response.request_response.request_id = request.update_metadata.request_id
            case "leave":
                return False
        if response.WhichOneof("message") is not None:
            await self.send(response)
        return True

    async def trickle(self, trickle):
        told = json.loads(trickle.candidateInit)
        peer = self.up if trickle.target == rtc.PUBLISHER else self.down
        if not told.get("candidate"):
            return
        candidate = candidate_from_sdp(told["candidate"].split(":", 1)[1])
        candidate.sdpMid, candidate.sdpMLineIndex = told.get("sdpMid"), told.get("sdpMLineIndex")
        if peer.remoteDescription is None:
            self.early[peer].append(candidate)
        else:
            await peer.addIceCandidate(candidate)

    async def add_early(self, peer):
        for candidate in self.early[peer]:
            await peer.addIceCandidate(candidate)
        self.early[peer] = []

    def received(self, message):
        if self.world.is_deaf:
            return
        packet = models.DataPacket.FromString(message)
        packet.participant_identity, packet.participant_sid = self.participant.identity, self.participant.sid
        self.room_hears(packet)
        for identity, other in self.room.connections.items():
            if other is not self and identity in (packet.destination_identities or [identity]):
                other.deliver(packet.SerializeToString())

    def room_hears(self, packet):
        """Puts text streams together."""
        kind = packet.WhichOneof("value")
        if kind == "stream_header":
            header = packet.stream_header
            self.room.streams[header.stream_id] = {
                "identity": self.participant.identity, "topic": header.topic, "text": "",
                "attributes": dict(header.attributes), "destinations": sorted(packet.destination_identities),
                "states": {
                    each.identity: each.attributes["lk.agent.state"]
                    for each in self.room.participants.values() if "lk.agent.state" in each.attributes
                },
            }
        elif kind == "stream_chunk":
            self.room.streams[packet.stream_chunk.stream_id]["text"] += packet.stream_chunk.content.decode()
        elif kind == "stream_trailer":
            self.room.heard.append(self.room.streams.pop(packet.stream_trailer.stream_id))

    async def abort(self):
        if self.transport is not None:
            self.transport.abort()
        await asyncio.gather(self.up.close(), self.down.close())

    async def close(self, reason):
        response = rtc.SignalResponse()
        response.leave.reason, response.leave.action = reason, rtc.LeaveRequest.DISCONNECT
        await self.send(response)
        await self.socket.close()
        await asyncio.gather(self.up.close(), self.down.close())


class Control:
    """What a test may ask of a world."""

    def __init__(self, world):
        self.world = world

    def join(self, room, identity, kind="STANDARD", **fields):
        """Puts somebody into the room, which is made if it isn't there."""
        kind = models.ParticipantInfo.Kind.Value(kind)
        return MessageToDict(self.world.join(self.world.room(room), identity, kind=kind, **fields))

    def leave(self, room, identity):
        self.world.leave(self.world.existing(room), identity, models.CLIENT_INITIATED)

    def finish(self, room):
        self.world.finish(self.world.existing(room))

    def say(self, room, identity, chunks, topic="lk.chat", attributes=None, ending=True):
        """Says a text stream to everybody who is connected, as somebody who joined by `join`."""
        room = self.world.existing(room)
        stream = f"stream_{secrets.token_hex(8)}"
        header, trailer = models.DataPacket(), models.DataPacket()
        header.stream_header.stream_id = trailer.stream_trailer.stream_id = stream
        header.stream_header.topic, header.stream_header.mime_type = topic, "text/plain"
        header.stream_header.timestamp = int(time.time() * 1000)
        header.stream_header.text_header.SetInParent()
        header.stream_header.attributes.update(attributes or {})
        packets = [header]
        for number, chunk in enumerate(chunks):
            packet = models.DataPacket()
            packet.stream_chunk.stream_id, packet.stream_chunk.chunk_index = stream, number
            packet.stream_chunk.content = chunk.encode()
            packets.append(packet)
        for packet in [*packets, trailer] if ending else packets:
            packet.participant_identity = identity
            for connection in room.connections.values():
                connection.deliver(packet.SerializeToString())
        return {"stream": stream}

    def heard(self, room):
        """The text streams that those who are connected have said."""
        known = self.world.rooms.get(room)
        return {"heard": self.world.past + (known.heard if known else [])}

    def restart(self):
        """Forgets the rooms, and tells nobody. Who was connected is cut off, and what was said stays on record."""
        for room in self.world.rooms.values():
            for connection in room.connections.values():
                self.world.start(connection.abort())
            self.world.past += room.heard
        self.world.rooms.clear()

    def deaf(self, isDeaf):
        """While it is, nothing that participants send arrives, and nobody can join."""
        self.world.is_deaf = isDeaf

    def attributes(self, room, identity, attributes):
        """Sets attributes of somebody in the room."""
        room = self.world.existing(room)
        room.participants[identity].attributes.update(attributes)
        self.world.announce(room, room.participants[identity])

    def agents(self, names):
        """The agents that come when they are sent for."""
        self.world.agents = set(names)

    def webhooks(self, url):
        self.world.webhook_url = url

    def answer(self, method, times=1, **answer):
        """Answers the next calls of a method, after `delay` seconds, with `status`, `type` and `body`; without a
        status the connection ends unanswered, after the work was done when `done` is set."""
        self.world.answers += [(method, answer)] * times

    def calls(self):
        """The calls that came with a good token, whatever became of them."""
        return {"calls": self.world.calls}

    def packets(self, room):
        """What SendData has brought to those in the room."""
        return {"packets": self.world.existing(room).packets}

    def room(self, name):
        return MessageToDict(self.world.existing(name).answer(), preserving_proto_field_name=True)

    def sign(self, body, **change):
        """The `Authorization` of a webhook with that body, in Base64."""
        return {"authorization": self.world.signed(base64.b64decode(body), **change)}

    def token(self, identity, room, life=300):
        token = api.AccessToken(self.world.key, self.world.secret).with_identity(identity)
        token.with_grants(api.VideoGrants(room_join=True, room=room))
        return {"token": token.with_ttl(datetime.timedelta(seconds=life)).to_jwt()}

    def verify(self, token):
        """A token as LiveKit's library reads it, and its plain claims."""
        try:
            claims = self.world.claims(token).asdict()
        except jwt.InvalidTokenError as error:
            return {"refused": type(error).__name__}
        return {"claims": claims, "plain": jwt.decode(token, options={"verify_signature": False})}


def cut_off(request):
    """Ends the connection without an answer. It is gone already when the caller did not wait."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


class Server:
    def __init__(self):
        self.worlds = {}

    async def control(self, request):
        if "key" not in request.match_info:
            world = World()
            self.worlds[world.key] = world
            return web.json_response({"key": world.key, "secret": world.secret})
        action = getattr(Control(self.worlds[request.match_info["key"]]), request.match_info["action"])
        try:
            return web.json_response(action(**json.loads(await request.text() or "{}")) or {})
        except Refusal as refusal:
            return refusal.response()

    async def rtc(self, request):
        """LiveKit's signalling. The way of newer clients, `/rtc/v1`, is not there: they then come here."""
        try:
            world, claims = self.authorised(request.headers.get("Authorization"))
        except Refusal as refusal:
            return refusal.response()
        if not claims.video.room_join:
            return Refusal(401, None, "no permission to join").response()
        if world.is_deaf:
            return cut_off(request)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if request.query.get("reconnect") == "1":
            # No connection is kept here: whoever comes back begins anew.
            response = rtc.SignalResponse()
            response.leave.reason, response.leave.action = models.STATE_MISMATCH, rtc.LeaveRequest.RECONNECT
            await socket.send_bytes(response.SerializeToString())
            await socket.close()
            return socket
        room = world.room(claims.video.room, claims.room_config)
        if claims.identity in room.participants:
            world.leave(room, claims.identity, models.DUPLICATE_IDENTITY)
        kind = models.ParticipantInfo.Kind.Value((claims.kind or "standard").upper())
        participant = world.join(
            room, claims.identity, name=claims.name, kind=kind, attributes=claims.attributes,
            permission=models.ParticipantPermission(
                can_subscribe=True, can_publish_data=claims.video.can_publish_data is not False,
                can_update_metadata=bool(claims.video.can_update_own_metadata),
            ),
        )
        connection = room.connections[claims.identity] = Connection(
            world, room, participant, socket, request.transport
        )
        try:
            await connection.serve()
        finally:
            if room.connections.get(claims.identity) is connection and world.rooms.get(room.info.name) is room:
                world.leave(room, claims.identity, models.CLIENT_INITIATED)
        return socket

    async def twirp(self, request):
        try:
            return await self.answer(request)
        except Refusal as refusal:
            return refusal.response()

    async def answer(self, request):
        method = f"{request.match_info['service']}/{request.match_info['method']}"
        work = getattr(Twirp, method.replace("/", "_"), None)
        if request.method != "POST" or request.content_type != "application/json" or work is None:
            raise Refusal(404, "bad_route", f"unexpected route {request.path}")
        body = await request.read()
        world, claims = self.authorised(request.headers.get("Authorization"))
        try:
            plain = json.loads(body)
            parsed = ParseDict(plain, work.__annotations__["request"](), ignore_unknown_fields=True)
        except (ValueError, ParseError, binascii.Error):
            raise Refusal(400, "malformed", "the json request could not be decoded") from None
        world.calls.append({"method": method, "body": plain, "video": claims.asdict()["video"]})
        ordered = next((each for each in world.answers if each[0] == method), None)
        if ordered is None:
            return self.object(await work(Twirp(world, claims), parsed))
        world.answers.remove(ordered)
        return await self.misbehave(request, ordered[1], work(Twirp(world, claims), parsed))

    async def misbehave(self, request, answer, work):
        await asyncio.sleep(answer.get("delay", 0))
        if answer.get("done"):
            done = await work
        else:
            work.close()
        if "status" in answer:
            content_type = answer.get("type", "application/json")
            return web.Response(status=answer["status"], text=answer.get("body", "{}"), content_type=content_type)
        if "delay" in answer and answer.get("done"):
            return self.object(done)
        return cut_off(request)

    def object(self, message):
        return web.json_response(
            MessageToDict(message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)
        )

    def authorised(self, header):
        if not header or not header.startswith("Bearer "):
            raise Refusal(401, "unauthenticated", "permissions denied")
        token = header.removeprefix("Bearer ")
        try:
            key = jwt.decode(token, options={"verify_signature": False}).get("iss")
            if key not in self.worlds:
                raise Refusal(401, None, f"invalid API key: {key}")
            return self.worlds[key], self.worlds[key].claims(token)
        except jwt.InvalidTokenError as error:
            raise Refusal(401, None, f"invalid token: {token}, error: {error}") from None


async def serve(port, path):
    server = Server()
    application = web.Application(client_max_size=16 << 20)
    application.router.add_post("/control", server.control)
    application.router.add_post("/control/{key}/{action}", server.control)
    application.router.add_get("/rtc", server.rtc)
    application.router.add_route("*", "/twirp/livekit.{service}/{method}", server.twirp)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    with open(path + ".new", "w") as file:
        file.write(f"ws://127.0.0.1:{port}\n")
    os.replace(path + ".new", path)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2]))
