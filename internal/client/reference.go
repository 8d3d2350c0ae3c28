package client

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"gokernel/kernel/jupyter"
)

// A shape is what the value of a field may be; it returns "" or what is wrong.
type shape func(v any) string

// A field of a message's content. Fields the reference does not list are allowed, as the protocol says.
type field struct {
	name     string
	shape    shape
	optional bool
}

func isText(v any) string {
	if _, ok := v.(string); !ok {
		return "want a string"
	}
	return ""
}

func isBool(v any) string {
	if _, ok := v.(bool); !ok {
		return "want true or false"
	}
	return ""
}

// isCount accepts whole numbers from 0 on. JSON has one type of number: 1.0 is whole.
func isCount(v any) string {
	if f, ok := v.(float64); !ok || f < 0 || f != math.Trunc(f) {
		return "want a whole number"
	}
	return ""
}

func isObject(v any) string {
	if _, ok := v.(map[string]any); !ok {
		return "want an object"
	}
	return ""
}

func list(of shape) shape {
	return func(v any) string {
		l, ok := v.([]any)
		if !ok {
			return "want a list"
		}
		for i, e := range l {
			if why := of(e); why != "" {
				return fmt.Sprintf("element %d: %s", i, why)
			}
		}
		return ""
	}
}

func oneOf(values ...string) shape {
	return func(v any) string {
		if s, ok := v.(string); !ok || !slices.Contains(values, s) {
			return "want one of " + strings.Join(values, ", ")
		}
		return ""
	}
}

// object checks a nested object.
func object(fields ...field) shape {
	return func(v any) string {
		m, ok := v.(map[string]any)
		if !ok {
			return "want an object"
		}
		return strings.Join(checkFields(m, fields), "; ")
	}
}

// isBundle checks a MIME bundle: text and binary types are strings (spec, "Display data").
func isBundle(v any) string {
	m, ok := v.(map[string]any)
	if !ok {
		return "want an object"
	}
	for mime, data := range m {
		if !strings.Contains(mime, "/") {
			return fmt.Sprintf("%q is no MIME type", mime)
		}
		isJSON := mime == "application/json" || strings.HasSuffix(mime, "+json")
		if _, ok := data.(string); !ok && !isJSON {
			return fmt.Sprintf("%s: want a string", mime)
		}
	}
	return ""
}

// isHistory checks (session, line, input) or (session, line, (input, output)).
func isHistory(v any) string {
	l, ok := v.([]any)
	if !ok || len(l) != 3 || isNumber(l[0]) != "" || isNumber(l[1]) != "" {
		return "want [session, line, input]"
	}
	pair, ok := l[2].([]any)
	if ok && (len(pair) != 2 || isText(pair[0]) != "" || pair[1] != nil && isText(pair[1]) != "") || !ok && isText(l[2]) != "" {
		return "input: want a string or [input, output]"
	}
	return ""
}

func isNumber(v any) string {
	if _, ok := v.(float64); !ok {
		return "want a number"
	}
	return ""
}

// reference returns the fields of each message that a kernel sends (spec, the section of that message).
// Of replies these are the fields beside status, if that is "ok".
func reference() map[jupyter.MsgType][]field {
	text := func(name string) field { return field{name, isText, false} }
	maybe := func(f field) field { f.optional = true; return f }
	transient := maybe(field{"transient", object(maybe(text("display_id"))), false})
	display := []field{{"data", isBundle, false}, {"metadata", isObject, false}, transient}
	failure := []field{text("ename"), text("evalue"), {"traceback", list(isText), false}}
	count := field{"execution_count", isCount, false}
	comm := []field{text("comm_id"), {"data", isObject, false}}
	expression := object(field{"status", oneOf("ok", "error"), false})
	mapOf := func(s shape) shape {
		return func(v any) string {
			m, ok := v.(map[string]any)
			if !ok {
				return "want an object"
			}
			for k, e := range m {
				if why := s(e); why != "" {
					return k + ": " + why
				}
			}
			return ""
		}
	}
	return map[jupyter.MsgType][]field{
		jupyter.ExecuteReplyType: {count, maybe(field{"payload", list(isObject), false}), maybe(field{"user_expressions", mapOf(expression), false})},
		jupyter.InspectReplyType: {{"found", isBool, false}, {"data", isBundle, false}, {"metadata", isObject, false}},
		jupyter.CompleteReplyType: {{"matches", list(isText), false}, {"cursor_start", isCount, false}, {"cursor_end", isCount, false},
			{"metadata", isObject, false}},
		jupyter.HistoryReplyType:    {{"history", list(isHistory), false}},
		jupyter.IsCompleteReplyType: {maybe(text("indent"))},
		jupyter.CommInfoReplyType:   {{"comms", mapOf(object(text("target_name"))), false}},
		jupyter.KernelInfoReplyType: {
			text("protocol_version"), text("implementation"), text("implementation_version"), text("banner"),
			{"language_info", object(text("name"), text("version"), text("mimetype"), text("file_extension"),
				maybe(text("pygments_lexer")), maybe(text("nbconvert_exporter"))), false},
			maybe(field{"debugger", isBool, false}), maybe(field{"supported_features", list(isText), false}),
			maybe(field{"help_links", list(object(text("text"), text("url"))), false})},
		jupyter.ShutdownReplyType:  {{"restart", isBool, false}},
		jupyter.InterruptReplyType: {},
		jupyter.DebugReplyType:     nil,

		jupyter.StreamType:            {{"name", oneOf("stdout", "stderr"), false}, text("text")},
		jupyter.DisplayDataType:       display,
		jupyter.UpdateDisplayDataType: {{"data", isBundle, false}, {"metadata", isObject, false}, {"transient", object(text("display_id")), false}},
		jupyter.ExecuteInputType:      {text("code"), count},
		jupyter.ExecuteResultType:     append([]field{count}, display...),
		jupyter.ErrorType:             failure,
		jupyter.StatusType:            {{"execution_state", oneOf("busy", "idle", "starting"), false}},
		jupyter.ClearOutputType:       {{"wait", isBool, false}},
		jupyter.IOPubWelcomeType:      {text("subscription")},
		jupyter.CommOpenType:          append([]field{text("target_name")}, comm...),
		jupyter.CommMsgType:           comm,
		jupyter.CommCloseType:         comm,

		jupyter.InputRequestType: {text("prompt"), {"password", isBool, false}},
	}
}

// checkFields returns what is wrong with the fields of m.
func checkFields(m map[string]any, fields []field) []string {
	var wrong []string
	for _, f := range fields {
		v, has := m[f.name]
		switch {
		case !has && f.optional:
		case !has:
			wrong = append(wrong, "no "+f.name)
		default:
			if why := f.shape(v); why != "" {
				wrong = append(wrong, f.name+": "+why)
			}
		}
	}
	return wrong
}

// checkContent holds the content of a message from the kernel against the reference.
func checkContent(ref map[jupyter.MsgType][]field, m *jupyter.Message) []string {
	var content map[string]any
	if err := json.Unmarshal(m.Content, &content); err != nil || content == nil {
		return []string{"content is not an object"}
	}
	typ := m.Header.MsgType
	fields, known := ref[typ]
	if !known {
		return []string{"a message type that kernels do not send"}
	}
	if !strings.HasSuffix(string(typ), "_reply") || typ == jupyter.DebugReplyType {
		return checkFields(content, fields)
	}
	status, _ := content["status"].(string)
	if typ == jupyter.IsCompleteReplyType && slices.Contains([]string{jupyter.Complete, jupyter.Incomplete, jupyter.Invalid, jupyter.Unknown}, status) {
		return checkFields(content, fields)
	}
	switch status {
	case jupyter.StatusOK:
		if typ == jupyter.IsCompleteReplyType {
			return []string{"status: want complete, incomplete, invalid or unknown"}
		}
		return checkFields(content, fields)
	case jupyter.StatusError:
		return checkFields(content, ref[jupyter.ErrorType])
	case jupyter.StatusAborted:
		return nil
	}
	return []string{"status: want ok, error or aborted"}
}
