package item52

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"gokernel/internal/concurrency"
)

/*lesson:markdown feed-why
## Feed a child

For what follows we need a program that reads something, works on it and writes something else. `openssl` can encrypt and hash. Let us see
first whether it is there. The digest we are after is Whirlpool, which OpenSSL 3 has moved to its *legacy provider*; some
systems install that separately (Debian 13: `apt-get install openssl-provider-legacy`; `gokernel doctor` knows). Where it is missing we take SHA-512, whose
digests are as long.
*/

//lesson:declare digest listing=52.8

// digest is what openssl dgst needs to know; the next cell chooses.
var digest []string

//lesson:run find-openssl listing=52.8
func findOpenSSL() {
	version, err := concurrency.Run(ctx, concurrency.Cmd("openssl", "version"))
	if err != nil {
		fmt.Println("cells that need openssl will fail:", err)
		fmt.Println("on Debian and Ubuntu: apt-get install openssl")
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
	// Output pattern:
	// {word} {text}
	// digest: {oneof -whirlpool|-sha512}
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
	args := []string{"openssl", "enc", "-des3", "-pbkdf2", "-pass", "env:password"}
	c := concurrency.Cmd(append(args, flags...)...)
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

// random returns n random bytes.
func random(n int) []byte {
	data := make([]byte, n)
	_, _ = rand.Read(data) // it never fails
	return data
}

var (
	secrets     [3][]byte               // what is encrypted
	encryptors  [3]*concurrency.Process // who does it
	ciphertexts [3][]byte               // what comes out
)

//lesson:run start-encryptors listing=52.6
func startEncryptors() {
	for i := range encryptors {
		secrets[i] = random(10)
		encryptor, err := encrypt(secrets[i])
		if err != nil {
			panic(err)
		}
		encryptors[i] = encryptor
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
func last(b []byte, n int) []byte { return b[len(b)-min(n, len(b)):] }

//lesson:run collect-encryptors listing=52.7
func collectEncryptors() {
	for i, encryptor := range encryptors {
		result, err := encryptor.Wait(ctx)
		if err != nil {
			fmt.Println(err)
		}
		fmt.Println(last(result.Stdout, 10))
		ciphertexts[i] = result.Stdout
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
			same += len(secrets[i])
		}
	}
	fmt.Println(same, "bytes came back as they were")
	// Output:
	// 30 bytes came back as they were
}

/*lesson:markdown close-stdin-why
What if the pipe to a child is *not* closed? `StdinPipe` leaves writing and closing to us. `cat` copies until its input ends. We
write, do not close, and wait for a moment only, for it would be for ever:
*/

//lesson:declare wait-briefly

// waitBriefly waits a fifth of a second for a child to end, and no longer.
func waitBriefly(child *concurrency.Process) error {
	short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	_, err := child.Wait(short)
	return err
}

//lesson:run close-stdin
func closeStdin() {
	c := concurrency.Cmd("cat")
	c.StdinPipe = true
	cat, err := concurrency.Start(ctx, c)
	if err != nil {
		panic(err)
	}
	fmt.Fprint(cat.Stdin, "that is all")
	fmt.Println("open:  ", waitBriefly(cat))

	cat.Stdin.Close()
	result, err := cat.Wait(ctx)
	fmt.Printf("closed: %v, and cat copied %q\n", err, result.Stdout)
	// Output:
	// open:   waiting for cat: context deadline exceeded
	// closed: <nil>, and cat copied "that is all"
}
