# How "make lab" starts Jupyter Server; flags in LAB_ARGS go before this.
c = get_config()  # noqa: F821

# "make lab" runs in the root of the repository.
c.ServerApp.root_dir = "notebooks"

# The server drops output above a rate, silently cutting what a cell prints. Our kernel slows such a cell
# down instead, so nothing needs to be dropped.
c.ZMQChannelsWebsocketConnection.limit_rate = False

# Go comes first in the launcher, and a new notebook has its kernel.
c.MultiKernelManager.default_kernel_name = "gokernel"

# Nothing is asked of the network, or about it: no news, no newer versions, no language servers. overrides.json beside
# this file has the page not ask either.
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LanguageServerManager.autodetect = False
