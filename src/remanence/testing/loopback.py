"""An application on loopback, in a thread of this process, for as long as a block runs: for tests,
benchmarks and trying things out.

A real server behind a real socket, so that what is seen is what a client sees. It knows no
application.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp


@contextmanager
def serve(app: ASGIApp) -> Iterator[str]:
    """The address of `app`, like "http://127.0.0.1:40123";

    ended, with its lifespan, when the block ends.
    """
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, date_header=False, ws="none"
    )
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1024)  # whoever connects before the server is up waits in this line
        host, port = listening.getsockname()
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        try:
            yield f"http://{host}:{port}"
        finally:
            server.should_exit = True
            thread.join()
