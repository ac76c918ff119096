// Sends prepared HTTP requests over keep-alive connections, each connection waiting for its answer before the next
// request, and prints what came of it as one line of JSON.
//
//   load PORT FILE FIRST CONNECTIONS SECONDS [RATE]
//
// With a RATE, requests fall due so often a second at even distances, whatever the answers do: each goes out when it
// falls due, or as soon as a connection is free, and its time counts from when it fell due.
//
// "start" is when the first fell due, in microseconds of the machine's monotonic clock.
//
// FILE holds requests as they go over the wire, each after its length (32 bits, little-endian). They are taken in
// order from number FIRST on. When SECONDS are over no more are sent, but every answer is waited for: so of the
// requests FIRST … FIRST+sent-1 each was acknowledged when "failed" is 0. (wrk ends in mid-request, and can't say
// which requests were answered; hence this program.)

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_LIMIT = 16384, DRAIN_SECONDS = 60 };

typedef struct {
    int socket;
    bool busy;
    const uint8_t *request;
    uint32_t unsent;
    size_t received;
    uint64_t started;
    char answer[ANSWER_LIMIT + 1];
} Connection;

static const uint8_t *records;
static size_t recordsEnd, next;
static uint32_t *latencies; // µs
static size_t sent, acknowledged, failed, capacity;
static uint64_t start, stop, pace; // pace: µs between two requests, 0 for as fast as answers come
static char firstFailure[256];

static void die(const char *what) {
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(2);
}

static uint64_t microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static uint32_t lengthAt(size_t offset) {
    const uint8_t *p = records + offset;
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void close_failed(Connection *c, const char *why) {
    failed++;
    if (!firstFailure[0]) {
        snprintf(firstFailure, sizeof firstFailure, "%s", why);
        for (char *p = firstFailure; *p; p++)
            if (*p == '"' || *p == '\\' || (unsigned char)*p < 32) *p = ' ';
    }
    close(c->socket);
    c->socket = -1;
    c->busy = false;
}

static void flush_request(Connection *c) {
    while (c->unsent) {
        ssize_t n = send(c->socket, c->request, c->unsent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) return;
        if (n < 0) return close_failed(c, strerror(errno));
        c->request += n;
        c->unsent -= (uint32_t)n;
    }
}

// When the next request falls due; UINT64_MAX when none does any more.
static uint64_t due(void) {
    uint64_t time = pace ? start + sent * pace : microseconds();
    return next < recordsEnd && time < stop ? time : UINT64_MAX;
}

static void start_request(Connection *c) {
    uint64_t time = due();
    c->busy = false;
    if (time > microseconds()) return;
    c->unsent = lengthAt(next);
    c->request = records + next + 4;
    next += 4 + c->unsent;
    c->received = 0;
    c->busy = true;
    c->started = time;
    sent++;
    flush_request(c);
}

// The length of a whole answer in the buffer; 0 when more is to come; -1 when it isn't HTTP with a length.
static ssize_t answer_length(Connection *c) {
    c->answer[c->received] = 0;
    char *end = strstr(c->answer, "\r\n\r\n");
    if (!end) return c->received == ANSWER_LIMIT ? -1 : 0;
    for (char *line = strstr(c->answer, "\r\n"); line && line < end; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, "content-length:", 15) != 0) continue;
        size_t length = (size_t)(end - c->answer) + 4 + strtoul(line + 17, NULL, 10);
        if (length > ANSWER_LIMIT) return -1;
        return c->received >= length ? (ssize_t)length : 0;
    }
    return -1;
}

// Takes what has come; true when the answer is whole and was a 200.
static bool read_answer(Connection *c) {
    ssize_t n = recv(c->socket, c->answer + c->received, ANSWER_LIMIT - c->received, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (n <= 0) {
        close_failed(c, n == 0 ? "connection closed by the server" : strerror(errno));
        return false;
    }
    c->received += (size_t)n;
    ssize_t length = answer_length(c);
    if (length == 0) return false;
    if (length < 0 || (size_t)length != c->received || strncmp(c->answer, "HTTP/1.1 200 ", 13) != 0) {
        close_failed(c, c->answer);
        return false;
    }
    latencies[acknowledged++] = (uint32_t)(microseconds() - c->started);
    return true;
}

static int connect_to(uint16_t port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0) die("fcntl");
    return fd;
}

static void map_records(const char *path, size_t first) {
    struct stat info;
    int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &info) < 0) die(path);
    recordsEnd = (size_t)info.st_size;
    records = mmap(NULL, recordsEnd, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (records == MAP_FAILED) die(path);
    close(fd);
    for (size_t offset = 0; offset < recordsEnd; offset += 4 + lengthAt(offset), capacity++)
        if (capacity == first) next = offset;
    if (first >= capacity) next = recordsEnd;
}

static int by_value(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static double quantile(double q) {
    if (acknowledged == 0) return 0;
    size_t index = (size_t)(q * (double)acknowledged);
    return latencies[index < acknowledged ? index : acknowledged - 1] / 1000.0;
}

// Until something is ready, `time` has come, or a second is over.
static int wait_for(int events, struct epoll_event *ready, int limit, uint64_t time) {
    uint64_t now = microseconds(), pause = time <= now ? 0 : time - now;
    if (pause > 1000000) pause = 1000000;
    struct timespec timeout = {.tv_sec = (time_t)(pause / 1000000), .tv_nsec = (long)(pause % 1000000) * 1000};
    return epoll_pwait2(events, ready, limit, &timeout, NULL);
}

int main(int count, char **arguments) {
    if (count != 6 && count != 7) {
        fprintf(stderr, "usage: load PORT FILE FIRST CONNECTIONS SECONDS [RATE]\n");
        return 2;
    }
    map_records(arguments[2], strtoul(arguments[3], NULL, 10));
    latencies = calloc(capacity + 1, sizeof *latencies);
    size_t connections = strtoul(arguments[4], NULL, 10);
    Connection *all = calloc(connections, sizeof *all);
    int events = epoll_create1(0);
    if (!latencies || !all || events < 0) die("start");
    for (size_t i = 0; i < connections; i++) {
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.u64 = i};
        all[i].socket = connect_to((uint16_t)strtoul(arguments[1], NULL, 10));
        if (epoll_ctl(events, EPOLL_CTL_ADD, all[i].socket, &event) < 0) die("epoll_ctl");
    }

    if (count == 7) pace = 1000000 / strtoul(arguments[6], NULL, 10);
    start = microseconds();
    stop = start + (uint64_t)(strtod(arguments[5], NULL) * 1e6);
    uint64_t last = start, giveUp = stop + DRAIN_SECONDS * 1000000ull;
    for (;;) {
        size_t busy = 0, alive = 0;
        for (size_t i = 0; i < connections; i++) {
            if (all[i].socket < 0) continue;
            if (!all[i].busy) start_request(&all[i]);
            alive++;
            busy += all[i].busy;
        }
        uint64_t time = due();
        if (alive == 0 || (busy == 0 && time == UINT64_MAX)) break;
        struct epoll_event ready[256];
        int n = wait_for(events, ready, 256, busy < alive ? time : UINT64_MAX);
        uint64_t now = microseconds();
        for (int i = 0; i < n; i++) {
            Connection *c = &all[ready[i].data.u64];
            if (c->socket < 0 || !c->busy) continue;
            if (ready[i].events & EPOLLOUT) flush_request(c);
            if (c->socket < 0 || !(ready[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))) continue;
            if (!read_answer(c)) continue;
            last = microseconds();
            start_request(c);
        }
        if (now > giveUp) {
            for (size_t i = 0; i < connections; i++)
                if (all[i].busy) close_failed(&all[i], "no answer within the time");
        }
    }

    qsort(latencies, acknowledged, sizeof *latencies, by_value);
    double seconds = (double)(last - start) / 1e6;
    printf("{\"sent\":%zu,\"acknowledged\":%zu,\"failed\":%zu,\"failure\":\"%s\",\"seconds\":%.3f,\"perSecond\":%.1f,"
           "\"p50\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f,\"start\":%llu}\n",
           sent, acknowledged, failed, firstFailure, seconds, seconds > 0 ? (double)acknowledged / seconds : 0,
           quantile(0.5), quantile(0.99), quantile(0.999), quantile(1), (unsigned long long)start);
    return failed ? 1 : 0;
}
