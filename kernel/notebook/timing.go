package notebook

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/types"
	"slices"
	"strings"
	"time"

	"gokernel/kernel/check"
	"gokernel/kernel/jupyter"
	"gokernel/kernel/magic"
	"gokernel/kernel/native/report"
	"gokernel/kernel/worker"
)

// sayTime prints how long a cell ran.
func sayTime(took time.Duration, p piece) {
	p.out.Stream(jupyter.Stdout, "time: "+report.Duration(float64(took))+"\n")
}

// time is %time with a statement; without one it is about the rest of its cell, see Execute.
func (n *Notebook) time(ctx context.Context, call magic.Call, p piece) error {
	p.code, p.timed = placed(call, p), true
	if err := n.prelude(ctx, p.code); err != nil {
		return err
	}
	r, err := n.execute(ctx, p)
	if err != nil {
		return err
	}
	if len(r.Data) > 0 {
		p.out.Display(r.Data, r.Metadata, "", false)
	}
	return nil
}

// placed returns the arguments of a line magic where they stand in the cell.
func placed(call magic.Call, p piece) string {
	return strings.Repeat("\n", call.Line-1) + strings.Repeat(" ", column(call, p)) + call.Args
}

// %timeit looks for a number of loops that take so long, and then measures so often.
const (
	timeitLong   = 100 * time.Millisecond
	timeitRepeat = 7
	timeitMost   = 1_000_000_000
)

// timeit is %timeit.
func (n *Notebook) timeit(ctx context.Context, call magic.Call, p piece) error {
	if strings.TrimSpace(call.Args) == "" {
		return n.misused(p.name, &magic.UsageError{Line: call.Line, Message: "%timeit takes a statement, as in %timeit f(100)"})
	}
	if err := n.prelude(ctx, call.Args); err != nil {
		return err
	}
	// First by itself, so that errors have the right columns.
	alone, err := check.Check(n.scope, n.next(), p.name, placed(call, p))
	if err != nil {
		return n.uncompiled(err)
	}
	body := looped(call.Args, alone)
	measure := func(loops int) (time.Duration, error) {
		code := fmt.Sprintf("%sfor range %d { %s\n}", strings.Repeat("\n", call.Line-1), loops, body)
		cell, err := check.Check(n.scope, n.next(), p.name, code)
		if err != nil {
			return 0, n.uncompiled(err)
		}
		r, _, err := n.run(ctx, cell, p)
		return r.Took, n.notRun(ctx, err)
	}
	loops := 1
	took, err := measure(loops)
	for err == nil && took < timeitLong && loops < timeitMost {
		grow := 1000.0
		if took > timeitLong/1000 {
			grow = max(1.2*float64(timeitLong)/float64(took), 1.2)
		}
		loops = round(float64(loops) * grow)
		took, err = measure(loops)
	}
	if err != nil {
		return err
	}
	each := []float64{float64(took) / float64(loops)}
	for len(each) < timeitRepeat {
		if took, err = measure(loops); err != nil {
			return err
		}
		each = append(each, float64(took)/float64(loops))
		if took > 10*timeitLong && len(each) >= 3 {
			break // one loop is long enough
		}
	}
	slices.Sort(each)
	text := fmt.Sprintf("%s per loop (median of %d runs, %d loops each; from %s to %s)\n",
		report.Duration(each[len(each)/2]), len(each), loops, report.Duration(each[0]), report.Duration(each[len(each)-1]))
	p.out.Stream(jupyter.Stdout, text)
	return nil
}

// round returns a number with one digit that is not 0, at least as large as x.
func round(x float64) int {
	power := 1
	for float64(power*10) <= x {
		power *= 10
	}
	for digit := 1; digit <= 10; digit++ {
		if float64(digit*power) >= x {
			return digit * power
		}
	}
	return 10 * power
}

// looped returns a statement as the body of a loop, in which everything must be used.
func looped(src string, cell *check.Cell) string {
	if x, err := parser.ParseExpr(src); err == nil && cell.Result != nil {
		_, isCall := ast.Unparen(x).(*ast.CallExpr)
		if _, several := cell.StmtInfo.TypeOf(cell.Result).(*types.Tuple); !isCall || !several {
			return "_ = " + src
		}
		return src
	}
	for v := range cell.Hoisted {
		src += "; _ = " + v.Name()
	}
	return src
}

// notRun turns the error of Notebook.run into what the reader sees.
func (n *Notebook) notRun(ctx context.Context, err error) error {
	var failure *worker.Failure
	var death *worker.Death
	switch {
	case err == nil:
		return nil
	case errors.As(err, &failure):
		return n.failed(failure)
	case errors.As(err, &death):
		return n.revive(ctx, death)
	}
	return n.uncompiled(err)
}
