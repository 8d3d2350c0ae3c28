package kernel

import (
	"context"
	"errors"
	"strings"
	"time"

	"gokernel/kernel/jupyter"
)

// execute runs a cell ("Execute"). Cells that are stored are numbered from 1;
// others, and blank ones, have the number of the last stored cell.
//
// Silent cells publish nothing but busy and idle. The spec asks that of
// output; ipykernel still publishes what they print and their errors.
func (k *Kernel) execute(ctx context.Context, req *request, c jupyter.ExecuteRequest) (jupyter.Content, error) {
	if req.seq <= k.abortBefore {
		return jupyter.Failed{Type: jupyter.ExecuteReplyType, Status: jupyter.StatusAborted}, nil
	}
	blank := strings.TrimSpace(c.Code) == ""
	store := c.StoresHistory() && !blank
	if store {
		k.count++
	}
	cell := Cell{
		Number:       k.count,
		Code:         c.Code,
		Silent:       c.Silent,
		AllowStdin:   c.AllowsStdin(),
		StoreHistory: store,
	}
	if !c.Silent {
		k.publish(req.msg, jupyter.ExecuteInput{Code: c.Code, ExecutionCount: cell.Number})
	}
	out := newCellOutput(k, req.msg, c.Silent, c.AllowsStdin())
	var result Result
	var failure *CellError
	if !blank {
		result, failure = k.runCell(ctx, cell, out)
	}
	var exprs map[string]jupyter.ExpressionResult
	if failure == nil && len(c.UserExpressions) > 0 {
		exprs = k.expressions(ctx, c.UserExpressions)
	}
	payload := out.end()
	k.waiting.flush(k.iopub)
	if store && k.history != nil {
		k.history.add(cell.Number, c.Code, resultText(result))
	}
	if failure != nil {
		out.Error(failure)
		if c.StopsOnError() && !c.Silent {
			k.abortQueued(ctx)
		}
		return jupyter.ExecuteReply{
			Status: jupyter.StatusError, ExecutionCount: cell.Number,
			EName: failure.Name, EValue: failure.Value, Traceback: failure.Traceback,
		}, nil
	}
	if result.Data != nil {
		out.publish(jupyter.ExecuteResult{ExecutionCount: cell.Number, Data: result.Data, Metadata: result.Metadata})
	}
	return jupyter.ExecuteReply{
		Status: jupyter.StatusOK, ExecutionCount: cell.Number,
		Payload: payload, UserExpressions: exprs,
	}, nil
}

// runCell executes a cell. Failures of the kernel's own, panics among them,
// are told to the reader like those of the cell, and logged.
func (k *Kernel) runCell(ctx context.Context, cell Cell, out Output) (result Result, failure *CellError) {
	defer func() {
		if p := recover(); p != nil {
			result, failure = Result{}, kernelFailure(k.panicked(p))
		}
	}()
	result, err := k.interp.Execute(ctx, cell, out)
	if err == nil {
		return result, nil
	}
	if errors.As(err, &failure) {
		return Result{}, failure
	}
	if ctx.Err() != nil {
		err = errStopping
	}
	k.log.Error("executing a cell failed", "cell", cell.Number, "err", err)
	return Result{}, kernelFailure(err)
}

func kernelFailure(err error) *CellError {
	const name = "KernelError"
	return &CellError{Name: name, Value: err.Error(), Traceback: []string{name + ": " + err.Error()}}
}

// expressions evaluates user_expressions; a panic in one fails all.
func (k *Kernel) expressions(ctx context.Context, exprs map[string]string) (results map[string]jupyter.ExpressionResult) {
	defer func() {
		if p := recover(); p != nil {
			e := kernelFailure(k.panicked(p))
			results = make(map[string]jupyter.ExpressionResult)
			for name := range exprs {
				results[name] = jupyter.ExpressionResult{
					Status: jupyter.StatusError, EName: e.Name, EValue: e.Value, Traceback: e.Traceback,
				}
			}
		}
	}()
	return k.interp.Expressions(ctx, exprs)
}

// abortQueued makes the execute_requests that have come so far fail when
// their turn comes; other requests among them are served. ipykernel does the
// same for what is in its queue after stop_on_error_timeout.
func (k *Kernel) abortQueued(ctx context.Context) {
	if k.abortWait > 0 {
		select {
		case <-time.After(k.abortWait):
		case <-ctx.Done():
		}
	}
	k.abortBefore = k.received.Load()
}

// resultText is a result as history keeps it, nil if it has no text.
func resultText(r Result) *string {
	if text, ok := r.Data["text/plain"].(string); ok {
		return &text
	}
	return nil
}
