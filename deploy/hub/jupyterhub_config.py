# A JupyterHub on this machine, for "make hub-test": each user has a server that is an ordinary process of whoever runs the test. The
# test says the rest in variables. Not for people: whoever knows the token may do everything.
import os
import sys

c = get_config()  # noqa: F821
here = os.path.dirname(os.path.abspath(__file__))
folder = os.environ["HUB_TEST_FOLDER"]
port = int(os.environ["HUB_TEST_PORT"])

c.JupyterHub.bind_url = f"http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{port + 1}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{port + 2}"
c.ConfigurableHTTPProxy.command = [os.path.join(here, "node_modules", ".bin", "configurable-http-proxy")]
c.ConfigurableHTTPProxy.pid_file = os.path.join(folder, "proxy.pid")
c.JupyterHub.db_url = "sqlite:///" + os.path.join(folder, "hub.sqlite")
c.JupyterHub.cookie_secret_file = os.path.join(folder, "cookie_secret")

c.JupyterHub.authenticator_class = "null"
c.JupyterHub.services = [{"name": "class", "api_token": os.environ["HUB_TEST_TOKEN"]}]
c.JupyterHub.load_roles = [
    {"name": "class", "services": ["class"], "scopes": ["admin:users", "admin:servers", "access:servers"]}
]

c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = os.path.join(folder, "{username}")
c.Spawner.env_keep = ["PATH", "LANG", "GOCACHE", "GOPROXY", "GOFLAGS", "XDG_CACHE_HOME"]
c.Spawner.environment = {"JUPYTER_CONFIG_PATH": os.path.join(here, "..", "image")}
c.Spawner.cmd = ["jupyterhub-singleuser"]
c.Spawner.args = ["--allow-root"] if os.getuid() == 0 else []
image = os.environ.get("HUB_TEST_IMAGE")
if image:
    container = os.path.join(here, "..", "image", "container.py")
    c.Spawner.env_keep += ["STANDINS", "BUILDER"]
    c.Spawner.cmd = [sys.executable, container, "run", "--env", "JUPYTERHUB_*", image, "jupyterhub-singleuser"]
    c.Spawner.args = []

# Thirty servers that start at once on two processors take their time.
c.JupyterHub.concurrent_spawn_limit = 0
c.JupyterHub.init_spawners_timeout = 60
c.Spawner.start_timeout = c.Spawner.http_timeout = 300
c.JupyterHub.tornado_settings = {"slow_spawn_timeout": 1}
