package wire

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"gokernel/kernel/jupyter"
)

// delimiter separates the routing frames from the message (spec, "The wire protocol").
const delimiter = "<IDS|MSG>"

// maxIdentities bounds the search for the delimiter. One identity is usual; each ROUTER on the way adds one.
const maxIdentities = 16

// Codec turns messages into frames and back, signing and checking them. It is safe for concurrent use.
type Codec struct {
	key  []byte // empty: messages are not signed
	seen *replays
}

// NewCodec returns a codec for a scheme and key of a connection file. The scheme is hmac-sha256; another is
// refused with [ErrScheme], unless the key is empty, which means no signatures at all.
func NewCodec(scheme, key string) (*Codec, error) {
	if key != "" && scheme != jupyter.HMACSHA256 {
		return nil, fmt.Errorf("%w %q: this kernel signs with %s", ErrScheme, scheme, jupyter.HMACSHA256)
	}
	return &Codec{key: []byte(key), seen: newReplays(replayMemory)}, nil
}

// Encode returns the frames of m: identities, delimiter, signature, header, parent header, metadata, content,
// buffers.
func (c *Codec) Encode(m *jupyter.Message) ([][]byte, error) {
	header, err := json.Marshal(m.Header)
	if err != nil {
		return nil, fmt.Errorf("encoding header: %w", err)
	}
	parent := []byte("{}")
	if m.ParentHeader != nil {
		if parent, err = json.Marshal(m.ParentHeader); err != nil {
			return nil, fmt.Errorf("encoding parent header: %w", err)
		}
	}
	metadata := []byte("{}")
	if m.Metadata != nil {
		if metadata, err = json.Marshal(m.Metadata); err != nil {
			return nil, fmt.Errorf("encoding metadata of %s: %w", m.Header.MsgType, err)
		}
	}
	content := []byte(m.Content)
	if len(content) == 0 {
		content = []byte("{}")
	}
	frames := make([][]byte, 0, len(m.Identities)+6+len(m.Buffers))
	frames = append(frames, m.Identities...)
	frames = append(frames, []byte(delimiter), c.sign(header, parent, metadata, content))
	frames = append(frames, header, parent, metadata, content)
	return append(frames, m.Buffers...), nil
}

// Decode checks and decodes frames, which the message goes on using.
//
// The signature is checked before anything is parsed. It fails with an error that matches [ErrFrames],
// [ErrSignature] or [ErrReplayed]. The content is valid JSON afterwards, but not yet known to be what msg_type
// promises: see [jupyter.Decode].
func (c *Codec) Decode(frames [][]byte) (*jupyter.Message, error) {
	at := -1
	for i := range min(len(frames), maxIdentities+1) {
		if string(frames[i]) == delimiter {
			at = i
			break
		}
	}
	if at < 0 {
		return nil, fmt.Errorf("%w: no delimiter in the first of %d frames", ErrFrames, len(frames))
	}
	body := frames[at+1:]
	if len(body) < 5 {
		return nil, fmt.Errorf("%w: %d frames after the delimiter, not at least 5", ErrFrames, len(body))
	}
	signature, header, parent, metadata, content := body[0], body[1], body[2], body[3], body[4]
	if len(c.key) > 0 {
		want := c.sign(header, parent, metadata, content)
		if !hmac.Equal(signature, want) {
			return nil, fmt.Errorf("%w of %d bytes", ErrSignature, len(signature))
		}
		if !c.seen.add([replayKey]byte(want[:replayKey])) {
			return nil, ErrReplayed
		}
	}
	m := &jupyter.Message{Identities: frames[:at:at], Content: content}
	if len(body) > 5 {
		m.Buffers = body[5:]
	}
	if err := json.Unmarshal(header, &m.Header); err != nil {
		return nil, fmt.Errorf("%w: header: %w", ErrFrames, err)
	}
	if m.Header.MsgID == "" || m.Header.MsgType == "" {
		return nil, fmt.Errorf("%w: header without msg_id or msg_type", ErrFrames)
	}
	if err := json.Unmarshal(parent, &m.ParentHeader); err != nil {
		return nil, fmt.Errorf("%w: parent header of %s: %w", ErrFrames, m.Header.MsgType, err)
	}
	if m.ParentHeader != nil && *m.ParentHeader == (jupyter.Header{}) {
		m.ParentHeader = nil
	}
	if err := json.Unmarshal(metadata, &m.Metadata); err != nil {
		return nil, fmt.Errorf("%w: metadata of %s: %w", ErrFrames, m.Header.MsgType, err)
	}
	if m.Metadata == nil { // null, which some clients send for {}
		m.Metadata = map[string]any{}
	}
	if !json.Valid(content) {
		return nil, fmt.Errorf("%w: content of %s is not JSON", ErrFrames, m.Header.MsgType)
	}
	return m, nil
}

// sign returns the signature in lower-case hexadecimal, empty if there is no key.
func (c *Codec) sign(parts ...[]byte) []byte {
	if len(c.key) == 0 {
		return []byte{}
	}
	mac := hmac.New(sha256.New, c.key)
	for _, p := range parts {
		mac.Write(p)
	}
	return hex.AppendEncode(nil, mac.Sum(nil))
}
