package kernel

import (
	"context"
	"unicode/utf8"

	"gokernel/kernel/jupyter"
)

// complete answers what can stand at the cursor ("Completion").
func (k *Kernel) complete(_ context.Context, _ *request, c jupyter.CompleteRequest) (jupyter.Content, error) {
	reply := k.interp.Complete(c.Code, byteOffset(c.Code, c.CursorPos))
	reply.Status = jupyter.StatusOK
	reply.CursorStart = codePoints(c.Code, reply.CursorStart)
	reply.CursorEnd = codePoints(c.Code, reply.CursorEnd)
	if typed, ok := reply.Metadata[jupyter.TypedMatchesKey].([]jupyter.TypedMatch); ok {
		converted := make([]jupyter.TypedMatch, len(typed))
		for i, m := range typed {
			m.Start, m.End = codePoints(c.Code, m.Start), codePoints(c.Code, m.End)
			converted[i] = m
		}
		// The interpreter may keep its map.
		metadata := make(map[string]any, len(reply.Metadata))
		for key, v := range reply.Metadata {
			metadata[key] = v
		}
		metadata[jupyter.TypedMatchesKey] = converted
		reply.Metadata = metadata
	}
	return reply, nil
}

// byteOffset is the offset in bytes of a cursor position in code points. One
// that is out of range is moved to the nearer end.
func byteOffset(code string, cursor int) int {
	if cursor <= 0 {
		return 0
	}
	for i := range code {
		if cursor == 0 {
			return i
		}
		cursor--
	}
	return len(code)
}

// codePoints is the cursor position in code points of an offset in bytes.
func codePoints(code string, offset int) int {
	return utf8.RuneCountInString(code[:max(0, min(offset, len(code)))])
}
