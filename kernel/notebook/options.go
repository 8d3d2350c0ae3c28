package notebook

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"gokernel/kernel/magic"
)

// flags are those of a magic, by name ("-race"); true for one that takes a value.
type flags map[string]bool

// An options is what a magic's line says.
type options struct {
	call   magic.Call
	values map[string]string
	rest   []string
}

// parse reads the arguments of a call: flags as "-count 3", "-count=3" or "-race", then the rest.
func (fs flags) parse(call magic.Call) (*options, error) {
	o := &options{call: call, values: map[string]string{}}
	words := strings.Fields(call.Args)
	for i := 0; i < len(words); i++ {
		if !strings.HasPrefix(words[i], "-") || words[i] == "-" {
			o.rest = words[i:]
			break
		}
		if words[i] == "--" {
			o.rest = words[i+1:]
			break
		}
		name, value, given := strings.Cut(words[i], "=")
		name = "-" + strings.TrimLeft(name, "-")
		takes, known := fs[name]
		switch {
		case !known:
			return nil, o.misuse("unknown flag %s; it knows %s", name, strings.Join(slices.Sorted(maps.Keys(fs)), ", "))
		case !takes && given:
			return nil, o.misuse("%s takes no value", name)
		case takes && !given:
			if i++; i == len(words) {
				return nil, o.misuse("%s takes a value", name)
			}
			value = words[i]
		}
		o.values[name] = value
	}
	return o, nil
}

// misuse returns the error for a call that is not right.
func (o *options) misuse(format string, args ...any) error {
	return &magic.UsageError{Line: o.call.Line, Message: o.call.Name + ": " + fmt.Sprintf(format, args...)}
}

// has reports whether a flag was given.
func (o *options) has(name string) bool { _, ok := o.values[name]; return ok }

// number returns the value of a flag that is a positive number.
func (o *options) number(name string, otherwise int) (int, error) {
	value, ok := o.values[name]
	if !ok {
		return otherwise, nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 {
		return 0, o.misuse("%s takes a number from 1, not %q", name, value)
	}
	return n, nil
}

// benchtime returns the value of -benchtime.
func (o *options) benchtime(otherwise string) (string, error) {
	value, ok := o.values["-benchtime"]
	if !ok {
		return otherwise, nil
	}
	if n, isCount := strings.CutSuffix(value, "x"); isCount {
		if count, err := strconv.Atoi(n); err == nil && count > 0 {
			return value, nil
		}
	} else if d, err := time.ParseDuration(value); err == nil && d > 0 {
		return value, nil
	}
	return "", o.misuse("-benchtime takes a duration such as 1s, or a number of runs such as 100x, not %q", value)
}

// none returns an error if there are arguments beside flags.
func (o *options) none() error {
	if len(o.rest) > 0 {
		return o.misuse("it takes no argument %q", strings.Join(o.rest, " "))
	}
	return nil
}
