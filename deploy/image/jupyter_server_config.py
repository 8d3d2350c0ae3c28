# How Jupyter Server works in the container; flags and the configuration in the user's home go before this.
c = get_config()  # noqa: F821

c.ServerApp.open_browser = False

# As "make lab" has it: our kernel slows down a cell that floods, so that the server need not drop output.
c.ZMQChannelsWebsocketConnection.limit_rate = False

# Go comes first in the launcher, and a new notebook has its kernel.
c.MultiKernelManager.default_kernel_name = "gokernel"
