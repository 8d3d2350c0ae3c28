package wire

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strconv"

	"gokernel/kernel/jupyter"
)

// checkInfo refuses what neither side can serve.
func checkInfo(info jupyter.ConnectionInfo) error {
	switch info.Transport {
	case jupyter.TCP:
		if info.Key == "" && !loopback(info.IP) {
			return fmt.Errorf("address %q: %w", info.IP, ErrEmptyKey)
		}
	case jupyter.IPC:
		if info.IP == "" {
			return errors.New("ipc transport without a path in ip")
		}
	default:
		return fmt.Errorf("unsupported transport %q: tcp and ipc are", info.Transport)
	}
	return nil
}

// loopback reports whether only this machine reaches host.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// endpoint returns the network and address of a channel as package net has them.
func endpoint(info jupyter.ConnectionInfo, port int) (network, addr string) {
	if info.Transport == jupyter.IPC {
		return "unix", info.IP + "-" + strconv.Itoa(port)
	}
	host := info.IP
	if host == "*" {
		host = ""
	}
	return "tcp", net.JoinHostPort(host, strconv.Itoa(port))
}

// bind listens on the port of ch, choosing one if it is 0, and returns the port.
func bind(ctx context.Context, info jupyter.ConnectionInfo, ch jupyter.Channel) (net.Listener, int, error) {
	port := info.Port(ch)
	if info.Transport == jupyter.IPC {
		return bindIPC(ctx, info, port)
	}
	network, addr := endpoint(info, port)
	var lc net.ListenConfig
	lis, err := lc.Listen(ctx, network, addr)
	if err != nil {
		return nil, 0, err
	}
	return lis, lis.Addr().(*net.TCPAddr).Port, nil
}

// bindIPC listens on a socket file that only its owner may use. For port 0 it takes the first suffix from 1 that
// no file has. A socket that a dead kernel left behind is replaced, as libzmq does.
func bindIPC(ctx context.Context, info jupyter.ConnectionInfo, port int) (net.Listener, int, error) {
	var lc net.ListenConfig
	free := port == 0
	for {
		if free {
			port++
		}
		network, addr := endpoint(info, port)
		if st, err := os.Lstat(addr); err == nil {
			if free {
				continue
			}
			if st.Mode().Type() != fs.ModeSocket {
				return nil, 0, fmt.Errorf("%s is in the way and no socket", addr)
			}
			if err := os.Remove(addr); err != nil {
				return nil, 0, fmt.Errorf("removing stale socket: %w", err)
			}
		}
		lis, err := lc.Listen(ctx, network, addr)
		if err != nil {
			return nil, 0, err
		}
		if err := os.Chmod(addr, 0o600); err != nil {
			return nil, 0, errors.Join(fmt.Errorf("closing %s to others: %w", addr, err), lis.Close())
		}
		return lis, port, nil
	}
}
