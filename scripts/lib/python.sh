# shellcheck shell=bash
# The Python environment of the tests: .venv, with the versions of scripts/requirements-test.txt. Needs output.sh.

# Makes .venv, or brings it up to date when the requirements have changed.
python_environment() {
    local requirements=scripts/requirements-test.txt stamp=.venv/requirements.txt python=/usr/bin/python3
    cmp --silent "$requirements" "$stamp" && return
    step "Python environment (.venv)"
    # Debian's own Python comes with the venv package that install-packages.sh asks for; others may not.
    [[ -x $python ]] || python=python3
    "$python" -m venv --clear .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement "$requirements"
    cp "$requirements" "$stamp"
}
