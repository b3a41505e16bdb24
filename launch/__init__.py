"""Starting real servers and the program's own processes, for a developer, for tests and for one-process hosts.

    from launch import connected, embedded_servers, serve

    with embedded_servers(throw_away=True) as servers:       # tests: temporary folder, no fsync, removed at the end
        servers.database                                     # postgresql://shop:...@127.0.0.1:PORT/shop
        servers.redis                                        # redis://:...@127.0.0.1:PORT/0
        servers.postgres.restart()                           # also stop start kill pause resume, pid, process, log

    with embedded_servers(".state") as servers: ...          # data that stays; one process at a time

    with connected(settings) as urls:                        # for a command of manage.py: the settings' own servers,
        urls.database, urls.redis                            # else a running serve's, else started for the block

    sys.exit(serve(settings, prepare=["manage.py", "migrate_and_seed"], welcome="..."))

The role of the database URL owns its database, may create others, and is not a superuser. Start from the main thread.
Everything started here ends with the process that started it, also when that one is killed outright.
"""

from launch.errors import LaunchError
from launch.servers import Servers, embedded_servers
from launch.supervisor import serve
from launch.urls import Urls, connected

__all__ = ["LaunchError", "Servers", "Urls", "connected", "embedded_servers", "serve"]
