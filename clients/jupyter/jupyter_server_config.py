# How "make lab" starts Jupyter Server; flags in LAB_ARGS go before this.
c = get_config()  # noqa: F821

# "make lab" runs in the root of the repository.
c.ServerApp.root_dir = "notebooks"

# The server drops output above a rate, silently cutting what a cell prints. Our kernel slows such a cell
# down instead, so nothing needs to be dropped.
c.ZMQChannelsWebsocketConnection.limit_rate = False

# Go comes first in the launcher, and a new notebook has its kernel.
c.MultiKernelManager.default_kernel_name = "gokernel"
