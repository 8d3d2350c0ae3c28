package goroutine

import (
	"fmt"
	"io"
	"os"
	"reflect"
	"strconv"
	"sync"
)

// Stdout returns the standard output stream of the calling goroutine's cell: what os.Stdout means to the reader.
func Stdout() *os.File { return Current().stdout() }

// Stderr returns the standard error stream of the calling goroutine's cell.
func Stderr() *os.File { return Current().stderr() }

// Out returns a writer that passes each Write on to the standard output stream of the cell of the goroutine that writes.
func Out() io.Writer { return out{} }

// Err returns a writer that passes each Write on to the standard error stream of the cell of the goroutine that writes.
func Err() io.Writer { return errors{} }

type out struct{}

func (out) Write(b []byte) (int, error) { return Current().print(b) }

type errors struct{}

func (errors) Write(b []byte) (int, error) { return Current().stderr().Write(b) }

// stdout and stderr return where the goroutines of c print to. Who asks is about to print.
func (c *Cell) stdout() *os.File {
	if c.Stdout == nil {
		return os.Stdout
	}
	c.turn(c.Stdout)
	if c.Printer != nil {
		return c.Printer.open()
	}
	return c.Stdout
}

// print writes to the standard output of c.
func (c *Cell) print(b []byte) (int, error) {
	if c.Printer == nil {
		return c.stdout().Write(b)
	}
	c.turn(c.Stdout)
	return c.Printer.Write(b)
}

// texts keeps the memory in which text is formatted.
var texts = sync.Pool{New: func() any { return new([]byte) }}

// printed writes what format appends to a slice to the standard output of the calling goroutine's cell. What has been told to end,
// and only does what was deferred, is not heard any more: its cell has ended with an error.
func printed(format func([]byte) []byte) (n int, err error) {
	b := texts.Get().(*[]byte)
	*b = format((*b)[:0])
	if n = len(*b); !Abandoned() {
		n, err = Current().print(*b)
	}
	if cap(*b) <= maxText {
		texts.Put(b)
	}
	return n, err
}

// maxText is up to which size memory for formatting is kept, in bytes.
const maxText = 64 << 10

func (c *Cell) stderr() *os.File {
	if c.Stderr == nil {
		return os.Stderr
	}
	c.turn(c.Stderr)
	return c.Stderr
}

// turn notes that the cell is going to print to a stream and settles the other one. A stream that the reader keeps in a
// variable is noted when he takes it, not when he prints to it.
func (c *Cell) turn(to *os.File) {
	if c.printed.Load() == to {
		return
	}
	if from := c.printed.Swap(to); from != nil && from != to && c.Settle != nil {
		if from == c.Stdout && c.Printer != nil {
			c.Printer.Flush()
		}
		c.Settle(from)
	}
}

// FmtPrint is fmt.Print to the cell's standard output.
func FmtPrint(a ...any) (n int, err error) {
	return printed(func(b []byte) []byte { return fmt.Append(b, a...) })
}

// FmtPrintf is fmt.Printf to the cell's standard output.
func FmtPrintf(format string, a ...any) (n int, err error) {
	return printed(func(b []byte) []byte { return fmt.Appendf(b, format, a...) })
}

// FmtPrintln is fmt.Println to the cell's standard output.
func FmtPrintln(a ...any) (n int, err error) {
	return printed(func(b []byte) []byte { return fmt.Appendln(b, a...) })
}

// Print is the builtin print: it writes to the cell's standard error, in the runtime's format.
func Print(a ...any) {
	var b []byte
	for _, v := range a {
		b = appendBuiltin(b, v)
	}
	_, _ = Current().stderr().Write(b) // the builtin has nobody to tell either
}

// Println is the builtin println: it writes to the cell's standard error, in the runtime's format.
func Println(a ...any) {
	var b []byte
	for i, v := range a {
		if i > 0 {
			b = append(b, ' ')
		}
		b = appendBuiltin(b, v)
	}
	_, _ = Current().stderr().Write(append(b, '\n')) // the builtin has nobody to tell either
}

// appendBuiltin formats one operand of print. That an operand was an interface is lost on the way here, and its value is
// printed instead of two addresses.
func appendBuiltin(b []byte, a any) []byte {
	v := reflect.ValueOf(a)
	switch v.Kind() {
	case reflect.Invalid:
		return append(b, "nil"...)
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(b, v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return strconv.AppendUint(b, v.Uint(), 10)
	case reflect.Float32, reflect.Float64:
		return strconv.AppendFloat(b, v.Float(), 'g', -1, v.Type().Bits())
	case reflect.Complex64, reflect.Complex128:
		return append(b, strconv.FormatComplex(v.Complex(), 'g', -1, v.Type().Bits())...)
	case reflect.String:
		return append(b, v.String()...)
	case reflect.Slice:
		return fmt.Appendf(b, "[%d/%d]%#x", v.Len(), v.Cap(), v.Pointer())
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return fmt.Appendf(b, "%#x", v.Pointer())
	}
	return fmt.Appendf(b, "%+v", a)
}
