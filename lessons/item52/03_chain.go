package item52

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"gokernel/internal/concurrency"
)

/*lesson:markdown chain-why
## Chain children

What one child writes can be what another one reads, as in a shell's `enc | dgst`. The hashing child reads from anything that is a
file, and a pipe is one:
*/

//lesson:declare hash listing=52.8

// hash starts a child that prints the digest of what it reads.
func hash(from io.Reader) (*concurrency.Process, error) {
	c := concurrency.Cmd(append([]string{"openssl", "dgst", "-binary"}, digest...)...)
	c.Stdin = from
	return concurrency.Start(ctx, c)
}

/*lesson:markdown chain-pair-why
`os.Pipe` asks the operating system for a pipe. Bytes go from child to child without passing through our program. But for a while we hold
both of its ends too, since children only get copies. **We must give up ours** as soon as the children have theirs; the deferred calls
do that. Below you will see what happens otherwise.
*/

//lesson:declare encrypt-and-hash listing=52.9

// encryptAndHash starts two children, of which the second one hashes what the first
// one encrypts.
func encryptAndHash(data []byte) (encryptor, hasher *concurrency.Process, err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	defer w.Close()

	c := encryption()
	c.Stdin, c.Stdout = bytes.NewReader(data), w
	if encryptor, err = concurrency.Start(ctx, c); err != nil {
		return nil, nil, err
	}
	if hasher, err = hash(r); err != nil {
		encryptor.Stop()
		return nil, nil, err
	}
	return encryptor, hasher, nil
}

//lesson:declare chains listing=52.9

var encrypting, hashing [3]*concurrency.Process

//lesson:run start-chains listing=52.9
func startChains() {
	for i := range hashing {
		encryptor, hasher, err := encryptAndHash(secrets[i])
		if err != nil {
			panic(err)
		}
		encrypting[i], hashing[i] = encryptor, hasher
	}
	fmt.Println(len(hashing), "chains of two children")
	// Output:
	// 3 chains of two children
}

/*lesson:markdown chain-collect-why
Every child is waited for, the first of each chain too: if encrypting had failed, the digest would be that of half a text and look as good
as any other.
*/

//lesson:run collect-chains listing=52.10
func collectChains() {
	different := map[string]struct{}{}
	for i := range hashing {
		encrypted, err := encrypting[i].Wait(ctx)
		if err != nil {
			fmt.Println(err)
		}
		hashed, err := hashing[i].Wait(ctx)
		if err != nil {
			fmt.Println(err)
		}
		fmt.Println(last(hashed.Stdout, 10))
		fmt.Printf("%v and %v, %d bytes\n", encrypted.Status, hashed.Status, len(hashed.Stdout))
		different[string(hashed.Stdout)] = struct{}{}
	}
	fmt.Println(len(different), "different digests")
	// Output pattern:
	// {bytes 10}
	// exit status 0 and exit status 0, 64 bytes
	// {bytes 10}
	// exit status 0 and exit status 0, 64 bytes
	// {bytes 10}
	// exit status 0 and exit status 0, 64 bytes
	// 3 different digests
	// Recorded:
	// [91 75 7 249 130 221 124 183 115 67]
	// exit status 0 and exit status 0, 64 bytes
	// [148 38 205 151 61 18 67 5 102 102]
	// exit status 0 and exit status 0, 64 bytes
	// [66 170 217 71 200 201 245 247 177 80]
	// exit status 0 and exit status 0, 64 bytes
	// 3 different digests
}

/*lesson:markdown pipe-why
`concurrency.Pipe` chains any number of commands and takes care of the pipes. Here it puts `tee` between the two, which writes what passes
through it to a file as well. So we can check the digest: it must be that of the ciphertext in the file.
*/

//lesson:run pipe listing=52.10
func pipe() {
	dir, err := os.MkdirTemp("", "item52")
	if err != nil {
		panic(err)
	}
	captured := filepath.Join(dir, "ciphertext")

	source := encryption()
	source.Stdin = bytes.NewReader(make([]byte, 1000))
	hasher := concurrency.Cmd(append([]string{"openssl", "dgst", "-binary"}, digest...)...)
	chain, err := concurrency.Pipe(ctx, source, concurrency.Cmd("tee", captured), hasher)
	if err != nil {
		panic(err)
	}
	results, err := chain.Wait(ctx)
	if err != nil {
		panic(err)
	}
	for i, result := range results {
		fmt.Println("child", i+1, "ended with", result.Status)
	}

	ciphertext, err := os.ReadFile(captured)
	if err != nil {
		panic(err)
	}
	hasher.Stdin = bytes.NewReader(ciphertext)
	again, err := concurrency.Run(ctx, hasher)
	if err != nil {
		panic(err)
	}
	fmt.Println(len(ciphertext), "bytes of ciphertext were captured")
	fmt.Println("their digest is the same:", bytes.Equal(again.Stdout, results[2].Stdout))
	os.RemoveAll(dir)
	// Output:
	// child 1 ended with exit status 0
	// child 2 ended with exit status 0
	// child 3 ended with exit status 0
	// 1024 bytes of ciphertext were captured
	// their digest is the same: true
}

/*lesson:markdown kept-write-why
### An end that was kept

A reader comes to the end of a pipe when *nobody* holds its writing end any more. Below, the writer has ended long ago, but we still hold a
copy of `w`. We wait for the reader with a deadline; without one this cell would never end.
*/

//lesson:run kept-write listing=52.9
func keptWrite() {
	r, w, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	reader := concurrency.Cmd("cat")
	reader.Stdin = r
	cat, err := concurrency.Start(ctx, reader)
	if err != nil {
		panic(err)
	}
	r.Close()

	writer := concurrency.Cmd("echo", "from the writer")
	writer.Stdout = w
	if _, err := concurrency.Run(ctx, writer); err != nil {
		fmt.Println(err)
	}
	fmt.Println("w kept:  ", waitBriefly(cat))

	w.Close()
	result, err := cat.Wait(ctx)
	fmt.Printf("w closed: %v, %s", err, result.Stdout)
	// Output:
	// w kept:   waiting for cat: context deadline exceeded
	// w closed: <nil>, from the writer
}

/*lesson:markdown kept-read-why
The other way round: a writer whose readers have all gone gets the signal SIGPIPE, which ends it. `yes` writes without end, `head` reads
one line and leaves. But we hold `r`, so for the system there is still somebody who might read, and `yes` waits until there is room in a
pipe that nobody will ever empty.
*/

//lesson:run kept-read listing=52.9
func keptRead() {
	r, w, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	writer := concurrency.Cmd("yes")
	writer.Stdout = w
	yes, err := concurrency.Start(ctx, writer)
	if err != nil {
		panic(err)
	}
	w.Close()

	reader := concurrency.Cmd("head", "-n", "1")
	reader.Stdin = r
	result, err := concurrency.Run(ctx, reader)
	fmt.Printf("head read %q and ended, error %v\n", result.Stdout, err)
	fmt.Println("r kept:  ", waitBriefly(yes))

	r.Close()
	_, err = yes.Wait(ctx)
	fmt.Println("r closed:", err)
	// Output:
	// head read "y\n" and ended, error <nil>
	// r kept:   waiting for yes: context deadline exceeded
	// r closed: yes: signal: broken pipe
}
