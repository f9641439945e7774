"""
Predictions as a service
========================

A model that ``python -m skmlp TABLE --save MODEL`` saved answers over HTTP::

    pip install 'skmlp[service]'
    python docs/examples/service.py model.skops

``POST /predict`` takes a row as a JSON object, or several as an array, and answers each: a
bad row has an error, the others their predictions. ``GET /schema`` says what a row has,
``GET /health`` whether the service works. A new file in place of the old one is loaded
within seconds.
"""

import argparse
import json
import os
import threading
import time
from contextlib import asynccontextmanager
from itertools import islice

import uvicorn
from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.concurrency import run_in_threadpool

import skmlp

MAX_BYTES, MAX_ROWS = 5_000_000, 10_000
"""The largest body of a request, and the most rows in it."""

SECONDS = 2.0
"""How often the file is looked at."""


# %%
# The model. Requests that have begun keep the old one while a new one is loaded. A file
# that cannot be loaded leaves the old one at work, and ``/health`` says why.


class Served:
    """A model file, loaded again when it changes."""

    def __init__(self, path, **options):
        self.path, self.options = path, options
        self.load()

    def load(self):
        """Load the file as it is now."""
        state = state_of(self.path)
        self.model = skmlp.load(self.path, **self.options)
        self.state, self.fault = state, None
        self.since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

    def watch(self, stop):
        """Load the file when it changes, until `stop` is set."""
        while not stop.wait(SECONDS):
            try:
                if state_of(self.path) != self.state:
                    self.load()
                self.fault = None
            except Exception as error:
                self.fault = f"{type(error).__name__}: {error}"


def state_of(path):
    """What differs if a file is another one."""
    found = os.stat(path)
    return found.st_mtime_ns, found.st_size, found.st_ino


# %%
# The application. A prediction holds a thread, so that health is answered meanwhile.


def application(served):
    """The service for a model file."""

    @asynccontextmanager
    async def lifespan(_):
        stop = threading.Event()
        watcher = threading.Thread(target=served.watch, args=[stop], daemon=True)
        watcher.start()
        yield
        stop.set()

    app = FastAPI(title="skmlp", lifespan=lifespan)

    @app.get("/health")
    def health():
        found = {"status": "ok", "model": repr(served.model), "since": served.since}
        return {**found, "fault": served.fault} if served.fault else found

    @app.get("/schema")
    def schema():
        return served.model.schema()

    @app.post("/predict")
    async def predict(
        request: Request, coverage: float | None = Query(None, gt=0, lt=1)
    ):
        body = await body_of(request)
        return await run_in_threadpool(answers, served.model, body, coverage)

    return app


async def body_of(request):
    """The body; an error if it is too large, whatever its header says."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BYTES:
            raise HTTPException(413, f"The body must have at most {MAX_BYTES:,} bytes.")
        parts.append(part)
    return b"".join(parts)


def answers(model, body, coverage):
    """The answer to a row, or a list of answers."""
    try:
        found = list(islice(model.answers(body, coverage=coverage), MAX_ROWS + 1))
    except (AttributeError, TypeError, ValueError) as error:
        raise HTTPException(422, str(error)) from None
    if len(found) > MAX_ROWS:
        raise HTTPException(413, f"There must be at most {MAX_ROWS:,} rows.")
    text = body.decode(json.detect_encoding(body), "replace")
    return found[0] if text.lstrip().startswith("{") else found


# %%
# The command.


def main(arguments=None):
    """Serve the model of a file."""
    parser = argparse.ArgumentParser(description="Serve a model of python -m skmlp.")
    parser.add_argument("model")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--on-error", choices=["raise", "missing"], default="raise")
    parser.add_argument("--trust-pickle", action="store_true")
    found = parser.parse_args(arguments)
    options = {"on_error": found.on_error, "trust_pickle": found.trust_pickle}
    served = Served(found.model, **options)
    uvicorn.run(
        application(served), host=found.host, port=found.port, log_level="warning"
    )


if __name__ == "__main__":
    main()
