package wire

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gokernel/kernel/jupyter"
)

func newCodec(tb testing.TB, key string) *Codec {
	tb.Helper()
	c, err := NewCodec(jupyter.HMACSHA256, key)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func TestCodecRoundTrip(t *testing.T) {
	header := jupyter.Header{MsgID: "m1", Session: "s", Username: "u", Date: "2024-05-06T07:08:09.000001Z", MsgType: "status", Version: "5.5"}
	for name, m := range map[string]*jupyter.Message{
		"bare":       {Header: header, Content: []byte(`{}`)},
		"parent":     {Header: header, ParentHeader: &jupyter.Header{MsgID: "m0", MsgType: "execute_request"}, Content: []byte(`{}`)},
		"identities": {Identities: [][]byte{{0, 1, 0xff}, {}}, Header: header, Content: []byte(`{"a": "é"}`)},
		"metadata":   {Header: header, Metadata: map[string]any{"k": "v", "n": 1.5}, Content: []byte(`{}`)},
		"buffers":    {Header: header, Content: []byte(`{}`), Buffers: [][]byte{{}, []byte(delimiter), {1}}},
	} {
		for _, key := range []string{"", testKey} {
			t.Run(fmt.Sprintf("%s, key %q", name, key), func(t *testing.T) {
				frames, err := newCodec(t, key).Encode(m)
				if err != nil {
					t.Fatal(err)
				}
				got, err := newCodec(t, key).Decode(frames)
				if err != nil {
					t.Fatal(err)
				}
				want := *m
				if want.Metadata == nil {
					want.Metadata = map[string]any{}
				}
				if want.Identities == nil {
					want.Identities = [][]byte{}
				}
				if diff := cmp.Diff(&want, got); diff != "" {
					t.Errorf("message (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// The signature is that of the spec: HMAC-SHA256 in hexadecimal over the four dicts as sent. The expected one was
// computed with another implementation.
func TestSignature(t *testing.T) {
	c := newCodec(t, "secret")
	got := string(c.sign([]byte(`{"a":1}`), []byte(`{}`), []byte(`{}`), []byte(`{"code":"x"}`)))
	const want = "a429a57c76bba89b4949b7629a9be2c46105a15cef7dc5002a0a4d085cb144c4"
	if got != want {
		t.Errorf("signature is %s, want %s", got, want)
	}
	if got := newCodec(t, "").sign([]byte("x")); len(got) != 0 {
		t.Errorf("without a key the signature is %q, want none", got)
	}
}

func TestDecodeRefuses(t *testing.T) {
	const header = `{"msg_id":"1","msg_type":"status","session":"s","username":"u","date":"","version":"5.5"}`
	// signed returns frames with a right signature, so that what is refused is what they say.
	signed := func(header, parent, metadata, content string) [][]byte {
		parts := [][]byte{[]byte(header), []byte(parent), []byte(metadata), []byte(content)}
		return append([][]byte{[]byte("id"), []byte(delimiter), newCodec(t, testKey).sign(parts...)}, parts...)
	}
	with := func(i int, frame string) [][]byte {
		frames := signed(header, "{}", "{}", "{}")
		frames[i] = []byte(frame)
		return frames
	}
	good := string(signed(header, "{}", "{}", "{}")[2])
	manyIdentities := append(make([][]byte, maxIdentities+1), signed(header, "{}", "{}", "{}")...)
	for name, test := range map[string]struct {
		frames [][]byte
		want   error
	}{
		"nothing":                     {nil, ErrFrames},
		"one frame":                   {[][]byte{{}}, ErrFrames},
		"delimiter only":              {[][]byte{[]byte(delimiter)}, ErrFrames},
		"no delimiter":                {signed(header, "{}", "{}", "{}")[2:], ErrFrames},
		"delimiter far away":          {manyIdentities, ErrFrames},
		"no content":                  {signed(header, "{}", "{}", "{}")[:6], ErrFrames},
		"empty signature":             {with(2, ""), ErrSignature},
		"wrong signature":             {with(2, strings.Repeat("0", 64)), ErrSignature},
		"short signature":             {with(2, good[:63]), ErrSignature},
		"long signature":              {with(2, good+"0"), ErrSignature},
		"upper-case signature":        {with(2, strings.ToUpper(good)), ErrSignature},
		"changed header":              {with(3, strings.Replace(header, `"1"`, `"2"`, 1)), ErrSignature},
		"changed parent":              {with(4, `{"msg_id":"x"}`), ErrSignature},
		"changed metadata":            {with(5, `{"a":1}`), ErrSignature},
		"changed content":             {with(6, `{"code":"evil"}`), ErrSignature},
		"header not JSON":             {signed("{", "{}", "{}", "{}"), ErrFrames},
		"header null":                 {signed("null", "{}", "{}", "{}"), ErrFrames},
		"header a list":               {signed("[]", "{}", "{}", "{}"), ErrFrames},
		"header without msg_id":       {signed(`{"msg_type":"status"}`, "{}", "{}", "{}"), ErrFrames},
		"header without msg_type":     {signed(`{"msg_id":"1"}`, "{}", "{}", "{}"), ErrFrames},
		"header with wrong types":     {signed(`{"msg_id":1,"msg_type":"status"}`, "{}", "{}", "{}"), ErrFrames},
		"parent a string":             {signed(header, `"x"`, "{}", "{}"), ErrFrames},
		"metadata a list":             {signed(header, "{}", "[]", "{}"), ErrFrames},
		"content not JSON":            {signed(header, "{}", "{}", "{"), ErrFrames},
		"content empty":               {signed(header, "{}", "{}", ""), ErrFrames},
		"content nested without end":  {signed(header, "{}", "{}", strings.Repeat("[", 1<<20)), ErrFrames},
		"content followed by another": {signed(header, "{}", "{}", "{}{}"), ErrFrames},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := newCodec(t, testKey).Decode(test.frames)
			if !errors.Is(err, test.want) {
				t.Errorf("Decode: %v, %v; want %v", m, err, test.want)
			}
		})
	}
}

// Content that is JSON but not what its type promises is for the kernel to answer, not for wire to drop.
func TestDecodeLeavesContentToTheKernel(t *testing.T) {
	for _, content := range []string{"null", "[]", "1", `"x"`, `{"code": 1}`} {
		c := newCodec(t, testKey)
		frames, err := c.Encode(&jupyter.Message{
			Header:  jupyter.Header{MsgID: "1", MsgType: jupyter.ExecuteRequestType},
			Content: []byte(content),
		})
		if err != nil {
			t.Fatal(err)
		}
		m, err := c.Decode(frames)
		if err != nil {
			t.Errorf("Decode with content %s: %v", content, err)
			continue
		}
		if _, err := jupyter.Decode[jupyter.ExecuteRequest](m); !errors.Is(err, jupyter.ErrContent) {
			t.Errorf("content %s as execute_request: %v, want %v", content, err, jupyter.ErrContent)
		}
	}
}

func TestReplay(t *testing.T) {
	c := newCodec(t, testKey)
	frames, err := c.Encode(message(t, nil, jupyter.Status{ExecutionState: jupyter.Idle}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Decode(frames); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Decode(frames); !errors.Is(err, ErrReplayed) {
		t.Errorf("second Decode: %v, want %v", err, ErrReplayed)
	}
	// Other identities or buffers make it no other message: they are not signed.
	moved := append([][]byte{[]byte("elsewhere")}, frames...)
	if _, err := c.Decode(append(moved, []byte("buffer"))); !errors.Is(err, ErrReplayed) {
		t.Errorf("Decode with another identity: %v, want %v", err, ErrReplayed)
	}
	// Without signatures there is nothing to tell a replay by.
	unsigned := newCodec(t, "")
	for range 2 {
		if _, err := unsigned.Decode(frames); err != nil {
			t.Errorf("Decode without a key: %v", err)
		}
	}
}

func TestReplaysForgetTheOldest(t *testing.T) {
	const capacity = 1000
	r := newReplays(capacity)
	key := func(i int) (k [replayKey]byte) {
		copy(k[:], fmt.Sprint(i))
		return k
	}
	for i := range 10 * capacity {
		if !r.add(key(i)) {
			t.Fatalf("%d is new but was refused", i)
		}
		if got := len(r.now) + len(r.old); got > capacity {
			t.Fatalf("%d signatures are held, more than %d", got, capacity)
		}
		if i >= capacity/2 && r.add(key(i-capacity/2+1)) {
			t.Fatalf("%d was accepted again after %d more", i-capacity/2+1, capacity/2-1)
		}
	}
	if !r.add(key(0)) {
		t.Error("the first signature is still held after ten capacities")
	}
}

func FuzzDecode(f *testing.F) {
	const sep = "\x1e" // between frames in a seed
	seeds := []string{
		"", "id" + sep + delimiter, delimiter + sep + sep + "{}" + sep + "{}" + sep + "{}" + sep + "{}",
		"id" + sep + delimiter + sep + sep + `{"msg_id":"1","msg_type":"execute_request"}` + sep + "{}" + sep + "null" + sep + `{"code":"x"}` + sep + "buffer",
		delimiter + sep + sep + `{"msg_id":"1","msg_type":"x"}` + sep + `{"msg_id":"0"}` + sep + `{"a":[1,null]}` + sep + "null",
	}
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var frames [][]byte
		for _, s := range strings.Split(string(data), sep) {
			frames = append(frames, []byte(s))
		}
		if m, err := newCodec(t, testKey).Decode(frames); err == nil {
			t.Fatalf("accepted without a right signature: %+v", m)
		}
		c := newCodec(t, "")
		m, err := c.Decode(frames)
		if err != nil {
			return
		}
		if _, err := jupyter.Decode[jupyter.ExecuteRequest](m); err != nil && !errors.Is(err, jupyter.ErrContent) {
			t.Errorf("content: %v", err)
		}
		again, err := c.Encode(m)
		if err != nil {
			t.Fatalf("accepted but not encodable: %v", err)
		}
		back, err := c.Decode(again)
		if err != nil {
			t.Fatalf("encoded but not decodable: %v", err)
		}
		if diff := cmp.Diff(m, back); diff != "" {
			t.Errorf("changed on the way (-first +second):\n%s", diff)
		}
	})
}
