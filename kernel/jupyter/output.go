package jupyter

import "encoding/json"

// The names of the streams.
const (
	Stdout = "stdout"
	Stderr = "stderr"
)

// Stream is text that a cell printed. Clients join consecutive streams of one name.
type Stream struct {
	Name string `json:"name"` // Stdout or Stderr
	Text string `json:"text"`
}

// MsgType implements [Content].
func (Stream) MsgType() MsgType { return StreamType }

// Transient is what belongs to a display but not into the notebook file.
type Transient struct {
	DisplayID string `json:"display_id,omitempty"`
}

// DisplayData shows a value below the cell. With a display id it can be replaced later by [UpdateDisplayData].
type DisplayData struct {
	Data      MIMEBundle     `json:"data"`
	Metadata  map[string]any `json:"metadata"`
	Transient Transient      `json:"transient"`
}

// MsgType implements [Content].
func (DisplayData) MsgType() MsgType { return DisplayDataType }

// MarshalJSON writes nil metadata as {}.
func (d DisplayData) MarshalJSON() ([]byte, error) {
	type plain DisplayData
	d.Metadata = object(d.Metadata)
	return json.Marshal(plain(d))
}

// UpdateDisplayData replaces what is shown under its display id, which must be set.
type UpdateDisplayData DisplayData

// MsgType implements [Content].
func (UpdateDisplayData) MsgType() MsgType { return UpdateDisplayDataType }

// MarshalJSON writes nil metadata as {}.
func (d UpdateDisplayData) MarshalJSON() ([]byte, error) { return DisplayData(d).MarshalJSON() }

// ClearOutput empties the cell's output area.
type ClearOutput struct {
	Wait bool `json:"wait"` // clear not now but when the next output comes
}

// MsgType implements [Content].
func (ClearOutput) MsgType() MsgType { return ClearOutputType }

// Error shows why a cell failed.
type Error struct {
	EName     string   `json:"ename"`
	EValue    string   `json:"evalue"`
	Traceback []string `json:"traceback"` // lines, may hold ANSI colours
}

// MsgType implements [Content].
func (Error) MsgType() MsgType { return ErrorType }

// MarshalJSON writes a nil traceback as [].
func (e Error) MarshalJSON() ([]byte, error) {
	type plain Error
	e.Traceback = list(e.Traceback)
	return json.Marshal(plain(e))
}
