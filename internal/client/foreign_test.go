package client

import (
	"context"
	"encoding/json"
	"os"
	"testing"
	"time"

	"gokernel/kernel/jupyter"
)

// TestForeignKernel talks to a kernel of others, whose command is in GOKERNEL_TEST_KERNEL as a JSON list, for
// example ["python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"]: a client that finds fault with
// a kernel that everybody uses would be wrong itself.
func TestForeignKernel(t *testing.T) {
	env := os.Getenv("GOKERNEL_TEST_KERNEL")
	if env == "" {
		t.Skip("GOKERNEL_TEST_KERNEL is not set")
	}
	var argv []string
	if err := json.Unmarshal([]byte(env), &argv); err != nil {
		t.Fatal(err)
	}
	for _, transport := range []string{jupyter.TCP, jupyter.IPC} {
		t.Run(transport, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			began := time.Now()
			c, err := Start(ctx, Config{Argv: argv, Transport: transport, BySignal: true})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			t.Logf("started in %s", time.Since(began))
			reply, err := c.Execute(ctx, jupyter.ExecuteRequest{Code: "print(1)\n2"}, Handler{Message: func(m *jupyter.Message) {
				t.Logf("%s %s", m.Header.MsgType, m.Content)
			}})
			if err != nil || reply.Status != jupyter.StatusOK {
				t.Fatalf("got %+v, %v", reply, err)
			}
			if _, err := c.Complete(ctx, "pri", 3); err != nil {
				t.Error(err)
			}
			began = time.Now()
			if err := c.Restart(ctx); err != nil {
				t.Error(err)
			}
			t.Logf("restarted in %s", time.Since(began))
			began = time.Now()
			_, err = c.Execute(ctx, jupyter.ExecuteRequest{Code: "import os; os._exit(3)"}, Handler{})
			t.Logf("death after %s: %v", time.Since(began), err)
			began = time.Now()
			if err := c.Close(); err != nil {
				t.Error(err)
			}
			t.Logf("closed in %s", time.Since(began))
			for _, v := range c.Violations() {
				if v.MsgType == jupyter.StreamType && v.Text == "no parent header" {
					continue // ipykernel publishes what it prints itself while starting
				}
				t.Errorf("violation: %s", v)
			}
		})
	}
}
