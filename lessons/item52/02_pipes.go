package item52

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"gokernel/internal/concurrency"
)

/*lesson:markdown feed-why
## Feed a child

For what follows we need a program that reads something, works on it and writes something else. `openssl` can encrypt and hash. Let us see
first whether it is there. The digest we are after is Whirlpool, which OpenSSL 3 has moved to its *legacy provider*; some
systems install that separately. Where it is missing we take SHA-512, whose digests are as long.
*/

//lesson:declare digest listing=52.8

// digest is what openssl dgst needs to know; the next cell chooses.
var digest []string

//lesson:run find-openssl listing=52.8
func findOpenSSL() {
	version, err := concurrency.Run(ctx, concurrency.Cmd("openssl", "version"))
	if err != nil {
		fmt.Println("openssl is missing, so cells that need it will fail. Debian and Ubuntu: apt-get install openssl")
	}
	fmt.Printf("%s", version.Stdout)

	legacy := []string{"-whirlpool", "-provider", "legacy", "-provider", "default"}
	for _, digest = range [][]string{legacy, {"-whirlpool"}, {"-sha512"}} {
		args := append([]string{"openssl", "dgst", "-binary"}, digest...)
		if _, err := concurrency.Run(ctx, concurrency.Cmd(args...)); err == nil {
			break // this one works, if only with nothing to hash
		}
	}
	fmt.Println("digest:", digest[0])
	if digest[0] == "-sha512" {
		fmt.Println("no Whirlpool: the legacy provider is missing. Debian 13: apt-get install openssl-provider-legacy")
	}
	// Output pattern:
	// {word} {text}
	// digest: {oneof -whirlpool|-sha512}
	// {lines 0..1}
	// Recorded:
	// OpenSSL 3.0.19 27 Jan 2026 (Library: OpenSSL 3.0.19 27 Jan 2026)
	// digest: -whirlpool
}

/*lesson:markdown encrypt-why
A child gets a copy of our environment; `Env` adds to it. The password goes that way, for the arguments of a process can be read by everybody on
the machine. The data goes to the child's standard input: a goroutine copies it into a pipe, and then **closes the pipe**. That is how the
child learns that nothing more is coming. `-pbkdf2` asks for a sound way to make a key of a password.
*/

//lesson:declare encrypt listing=52.5

// encryption returns the command that encrypts its stdin; "-d" makes it decrypt.
func encryption(flags ...string) concurrency.Command {
	c := concurrency.Cmd(append([]string{"openssl", "enc", "-des3", "-pbkdf2", "-pass", "env:password"}, flags...)...)
	c.Env = []string{"password=zf7ShyBhZOraQDdE/FiZpm/m/8f9X+M1"}
	return c
}

// encrypt starts a child that encrypts data.
func encrypt(data []byte) (*concurrency.Process, error) {
	c := encryption()
	c.Stdin = bytes.NewReader(data)
	return concurrency.Start(ctx, c)
}

/*lesson:markdown encrypt-start-why
Three children, and ten random bytes for each. There are several packages `rand`, so this one has to be imported by name.
*/

/*lesson:code import-rand
import "crypto/rand"
*/

//lesson:declare encryptors listing=52.6

var (
	secrets     [][]byte               // what is encrypted
	encryptors  []*concurrency.Process // who does it
	ciphertexts [][]byte               // what comes out
)

//lesson:run start-encryptors listing=52.6
func startEncryptors() {
	secrets, encryptors = nil, nil
	for range 3 {
		data := make([]byte, 10)
		_, _ = rand.Read(data) // it never fails
		encryptor, err := encrypt(data)
		if err != nil {
			panic(err)
		}
		secrets, encryptors = append(secrets, data), append(encryptors, encryptor)
	}
	fmt.Println(len(encryptors), "children are encrypting")
	// Output:
	// 3 children are encrypting
}

/*lesson:markdown encrypt-collect-why
They work while we do what we like. In the end each is waited for. Ciphertext is no text, so here are its last ten bytes as numbers.
*/

//lesson:declare last listing=52.7

// last returns the last n bytes of b, or all if there are fewer.
func last(b []byte, n int) []byte { return b[max(0, len(b)-n):] }

//lesson:run collect-encryptors listing=52.7
func collectEncryptors() {
	ciphertexts = nil
	for _, encryptor := range encryptors {
		result, err := encryptor.Wait(ctx)
		if err != nil {
			fmt.Println(err)
		}
		fmt.Println(last(result.Stdout, 10))
		ciphertexts = append(ciphertexts, result.Stdout)
	}
	// Output pattern:
	// {bytes 10}
	// {bytes 10}
	// {bytes 10}
	// Recorded:
	// [72 250 58 178 157 19 103 196 101 234]
	// [24 136 149 185 239 2 198 155 224 147]
	// [206 75 243 20 166 142 1 69 161 240]
}

/*lesson:markdown decrypt-why
Random looking bytes prove nothing. So let a second child decrypt each of them, and compare with what went in. As there is nothing to do
meanwhile, `Run` is enough.
*/

//lesson:run decrypt listing=52.7
func decrypt() {
	same := 0
	for i, ciphertext := range ciphertexts {
		c := encryption("-d")
		c.Stdin = bytes.NewReader(ciphertext)
		result, err := concurrency.Run(ctx, c)
		if err != nil {
			fmt.Println(err)
		}
		if bytes.Equal(result.Stdout, secrets[i]) {
			same++
		}
	}
	fmt.Println(same, "of", len(ciphertexts), "came back as they were")
	// Output:
	// 3 of 3 came back as they were
}

/*lesson:markdown close-stdin-why
What if the pipe to a child is *not* closed? `StdinPipe` leaves writing and closing to us. `cat` copies until its input ends. We
write, do not close, and wait for a moment only, for it would be for ever:
*/

//lesson:run close-stdin
func closeStdin() {
	c := concurrency.Cmd("cat")
	c.StdinPipe = true
	cat, err := concurrency.Start(ctx, c)
	if err != nil {
		panic(err)
	}
	fmt.Fprint(cat.Stdin, "that is all")

	short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	_, err = cat.Wait(short)
	cancel()
	fmt.Println("open:  ", err)

	cat.Stdin.Close()
	result, err := cat.Wait(ctx)
	fmt.Printf("closed: %v, and cat copied %q\n", err, result.Stdout)
	// Output:
	// open:   waiting for cat: context deadline exceeded
	// closed: <nil>, and cat copied "that is all"
}

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

// encryptAndHash starts two children, of which the second one hashes what the first one encrypts.
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

var encrypting, hashing []*concurrency.Process

//lesson:run start-chains listing=52.9
func startChains() {
	encrypting, hashing = nil, nil
	for range 3 {
		data := make([]byte, 100)
		_, _ = rand.Read(data)
		encryptor, hasher, err := encryptAndHash(data)
		if err != nil {
			panic(err)
		}
		encrypting, hashing = append(encrypting, encryptor), append(hashing, hasher)
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
	}
	// Output pattern:
	// {bytes 10}
	// exit status 0 and exit status 0, 64 bytes
	// {bytes 10}
	// exit status 0 and exit status 0, 64 bytes
	// {bytes 10}
	// exit status 0 and exit status 0, 64 bytes
	// Recorded:
	// [91 75 7 249 130 221 124 183 115 67]
	// exit status 0 and exit status 0, 64 bytes
	// [148 38 205 151 61 18 67 5 102 102]
	// exit status 0 and exit status 0, 64 bytes
	// [66 170 217 71 200 201 245 247 177 80]
	// exit status 0 and exit status 0, 64 bytes
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
	fmt.Println("digest of the captured ciphertext is the same:", bytes.Equal(again.Stdout, results[2].Stdout))
	os.RemoveAll(dir)
	// Output:
	// child 1 ended with exit status 0
	// child 2 ended with exit status 0
	// child 3 ended with exit status 0
	// digest of the captured ciphertext is the same: true
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

	short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	_, err = cat.Wait(short)
	cancel()
	fmt.Println("w kept:  ", err)

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

	short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	_, err = yes.Wait(short)
	cancel()
	fmt.Println("r kept:  ", err)

	r.Close()
	_, err = yes.Wait(ctx)
	fmt.Println("r closed:", err)

	var exit *concurrency.ExitError
	fmt.Println("ended by a signal:", errors.As(err, &exit) && exit.Status < 0)
	// Output:
	// head read "y\n" and ended, error <nil>
	// r kept:   waiting for yes: context deadline exceeded
	// r closed: yes: signal: broken pipe
	// ended by a signal: true
}
