package worker

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func FuzzFrames(f *testing.F) {
	for _, v := range []any{hello{PID: 7}, run{Cell: 1, Name: "cell [1]", Code: []byte(`"x"`)}, end{Failure: &Failure{Kind: "panic"}}} {
		b, err := encodeFrame(kindRun, v, 2)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 1, 0, '{'})
	f.Add([]byte{0, 0, 0, 0, 200, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bytes.NewReader(b)
		for {
			fr, err := readFrame(r)
			if err != nil {
				if len(fr.body) != 0 {
					t.Error("a frame came with an error")
				}
				return
			}
			if fr.files > frameFiles || len(fr.body) > len(b) {
				t.Errorf("frame of %d bytes and %d files from %d bytes", len(fr.body), fr.files, len(b))
			}
			// None of these may do more than fail.
			for _, v := range []any{&setup{}, &run{}, &call{}, &reply{}, &line{}, &show{}, &input{}, &lateFailure{}, &end{}} {
				if err := fr.decode(v); err == nil {
					if _, err := encodeFrame(fr.kind, v, fr.files); err != nil {
						t.Errorf("%T decoded from %q is not encoded: %v", v, fr.body, err)
					}
				}
			}
		}
	})
}

func TestReadFrameErrors(t *testing.T) {
	huge := binary.BigEndian.AppendUint32(nil, MaxFrame+1)
	tests := []struct {
		name string
		in   []byte
		want error
	}{
		{"nothing", nil, io.EOF},
		{"half a header", []byte{0, 0, 0}, io.ErrUnexpectedEOF},
		{"half a body", []byte{0, 0, 0, 9, 1, 0, '{'}, io.ErrUnexpectedEOF},
		{"no body", []byte{0, 0, 0, 9, 1, 0}, io.ErrUnexpectedEOF},
		{"too large", append(huge, 1, 0), ErrFrameSize},
	}
	for _, test := range tests {
		if _, err := readFrame(bytes.NewReader(test.in)); !errors.Is(err, test.want) {
			t.Errorf("%s: error %v, want %v", test.name, err, test.want)
		}
	}
	if _, err := readFrame(bytes.NewReader([]byte{0, 0, 0, 0, 1, frameFiles + 1})); err == nil {
		t.Error("too many descriptors: no error")
	}
}

// pairOfConns returns two conns that are connected.
func pairOfConns(t *testing.T) (a, b *conn) {
	t.Helper()
	f, g, err := socketPair("test")
	if err != nil {
		t.Fatal(err)
	}
	if a, err = newConn(f); err != nil {
		t.Fatal(err)
	}
	if b, err = newConn(g); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.close(); b.close() })
	return a, b
}

func TestDescriptorsComeWithTheirFrames(t *testing.T) {
	a, b := pairOfConns(t)
	const n = 20
	sent := make(chan error, 1)
	go func() {
		sent <- func() error {
			for i := range n {
				var files []*os.File
				for range i % 3 {
					r, w, err := os.Pipe()
					if err != nil {
						return err
					}
					defer r.Close()
					defer w.Close()
					files = append(files, r)
					if _, err := w.Write([]byte{byte(i)}); err != nil {
						return err
					}
				}
				if err := a.send(kindRun, run{Cell: i}, time.Time{}, files...); err != nil {
					return err
				}
			}
			return nil
		}()
	}()
	// All is sent before the first is read, so that frames are read together.
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	for i := range n {
		f, fds, err := b.recv()
		if err != nil {
			t.Fatal(err)
		}
		var m run
		if err := f.decode(&m); err != nil || m.Cell != i || len(fds) != i%3 {
			t.Fatalf("frame %d: %+v with %d descriptors, %v", i, m, len(fds), err)
		}
		for _, fd := range fds {
			r := os.NewFile(uintptr(fd), "pipe")
			got := make([]byte, 1)
			if _, err := r.Read(got); err != nil || int(got[0]) != i {
				t.Errorf("descriptor of frame %d holds %v, %v", i, got, err)
			}
			r.Close()
		}
	}
}

func TestSendToAPeerThatDoesNotRead(t *testing.T) {
	a, _ := pairOfConns(t)
	err := a.send(kindDisplay, show{DisplayID: string(make([]byte, 4<<20))}, time.Now().Add(20*time.Millisecond))
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got error %v, want a deadline exceeded", err)
	}
}

func TestParseMemory(t *testing.T) {
	const total = 1000 << 20
	tests := []struct {
		in   string
		want int64
	}{
		{"2GiB", 2 << 30}, {"2g", 2e9}, {"500 MB", 500e6}, {"1.5Gi", 3 << 29}, {"1073741824", 1 << 30}, {"50%", total / 2},
		{"1t", 1e12}, {"64k", 64e3},
	}
	for _, test := range tests {
		if got, err := parseMemory(test.in, total); err != nil || got != test.want {
			t.Errorf("parseMemory(%q) = %d, %v, want %d", test.in, got, err, test.want)
		}
	}
	for _, in := range []string{"", "much", "-1G", "0", "1e400", "NaN", "5 gigs", "200%", "1.5.5G", "99999999T"} {
		if got, err := parseMemory(in, total); err == nil {
			t.Errorf("parseMemory(%q) = %d, want an error", in, got)
		}
	}
}

func TestDefaultLimits(t *testing.T) {
	t.Setenv(MemoryVariable, "3GiB")
	got, err := Limits{}.resolve()
	if diff := cmp.Diff(Limits{Memory: 3 << 30, Stack: 512 << 20}, got); err != nil || diff != "" {
		t.Errorf("limits (-want +got):\n%s %v", diff, err)
	}
	t.Setenv(MemoryVariable, "")
	if got, err = (Limits{}).resolve(); err != nil || got.Memory != machineMemory()/5*4 || got.Memory == 0 {
		t.Errorf("got %+v of %d bytes, %v", got, machineMemory(), err)
	}
	t.Setenv(MemoryVariable, "none")
	if got, err = (Limits{}).resolve(); err != nil || got.Memory != 0 {
		t.Errorf("none: got %+v, %v", got, err)
	}
	t.Setenv(MemoryVariable, "lots")
	if _, err = Start(t.Context(), Config{Command: []string{"true"}}); err == nil {
		t.Error("a limit of lots is accepted")
	}
}
