package jupyter

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// The transports and the signature scheme of a [ConnectionInfo].
const (
	TCP        = "tcp"
	IPC        = "ipc"
	HMACSHA256 = "hmac-sha256"
)

// ConnectionInfo is the content of a connection file: where a kernel listens and how messages are signed
// (jupyter-client documentation, "Making kernels: Connection files").
type ConnectionInfo struct {
	Transport       string `json:"transport"`        // TCP or IPC
	IP              string `json:"ip"`               // for IPC the path to which "-port" is appended
	ShellPort       int    `json:"shell_port"`       // 0: Listen chooses, as for the ports below
	ControlPort     int    `json:"control_port"`     // for IPC not a port but the suffix of the path
	StdinPort       int    `json:"stdin_port"`       //
	IOPubPort       int    `json:"iopub_port"`       //
	HeartbeatPort   int    `json:"hb_port"`          //
	SignatureScheme string `json:"signature_scheme"` // HMACSHA256
	Key             string `json:"key"`              // secret; "" means that messages are not signed
	KernelName      string `json:"kernel_name,omitempty"`
}

// Port returns the port of a channel, 0 if ch is none.
func (i ConnectionInfo) Port(ch Channel) int {
	if p := i.port(ch); p != nil {
		return *p
	}
	return 0
}

// WithPort returns i with another port for ch.
func (i ConnectionInfo) WithPort(ch Channel, port int) ConnectionInfo {
	if p := i.port(ch); p != nil {
		*p = port
	}
	return i
}

func (i *ConnectionInfo) port(ch Channel) *int {
	switch ch {
	case Shell:
		return &i.ShellPort
	case Control:
		return &i.ControlPort
	case Stdin:
		return &i.StdinPort
	case IOPub:
		return &i.IOPubPort
	case Heartbeat:
		return &i.HeartbeatPort
	}
	return nil
}

// ErrConnectionFile is matched by the errors of [ReadConnectionFile] that concern the file's content.
var ErrConnectionFile = errors.New("not a connection file")

// ReadConnectionFile reads a connection file. All ports must be there; what else it leaves out has the protocol's
// defaults: tcp, 127.0.0.1, hmac-sha256. Ports outside 0 to 65535 are refused.
func ReadConnectionFile(name string) (ConnectionInfo, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return ConnectionInfo{}, fmt.Errorf("reading connection file: %w", err)
	}
	info := ConnectionInfo{Transport: TCP, SignatureScheme: HMACSHA256}
	var fields map[string]json.RawMessage
	if err := cmp.Or(json.Unmarshal(data, &fields), json.Unmarshal(data, &info)); err != nil {
		return ConnectionInfo{}, fmt.Errorf("%s: %w: %w", name, ErrConnectionFile, err)
	}
	if info.Transport == TCP && info.IP == "" {
		info.IP = "127.0.0.1"
	}
	for _, ch := range Channels() {
		if _, ok := fields[ch.String()+"_port"]; !ok {
			return ConnectionInfo{}, fmt.Errorf("%s: %w: it has no %s_port", name, ErrConnectionFile, ch)
		}
		if p := info.Port(ch); p < 0 || p > 65535 {
			return ConnectionInfo{}, fmt.Errorf("%s: %w: %s_port is %d", name, ErrConnectionFile, ch, p)
		}
	}
	return info, nil
}

// WriteConnectionFile writes info such that only its owner can read it, for it holds the key.
func WriteConnectionFile(name string, info ConnectionInfo) error {
	data, err := json.MarshalIndent(info, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding connection info: %w", err)
	}
	// A file that is there already keeps its mode, which may be too open: begin with none.
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("replacing connection file: %w", err)
	}
	if err := os.WriteFile(name, append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("writing connection file: %w", err)
	}
	return nil
}
