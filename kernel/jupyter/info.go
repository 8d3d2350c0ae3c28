package jupyter

import "encoding/json"

// KernelInfoRequest asks a kernel who it is; every client begins with it (spec, "Kernel info").
type KernelInfoRequest struct{}

// MsgType implements [Content].
func (KernelInfoRequest) MsgType() MsgType { return KernelInfoRequestType }

// KernelInfoReply answers a [KernelInfoRequest].
type KernelInfoReply struct {
	Status                string       `json:"status"`
	ProtocolVersion       string       `json:"protocol_version"`
	Implementation        string       `json:"implementation"`
	ImplementationVersion string       `json:"implementation_version"`
	LanguageInfo          LanguageInfo `json:"language_info"`
	Banner                string       `json:"banner"`
	Debugger              bool         `json:"debugger"`
	HelpLinks             []HelpLink   `json:"help_links"`
	SupportedFeatures     []string     `json:"supported_features"` // "debugger", "kernel subshells"
}

// LanguageInfo describes the language of a kernel to editors and converters.
type LanguageInfo struct {
	Name              string `json:"name"`
	Version           string `json:"version"`
	MIMEType          string `json:"mimetype"`
	FileExtension     string `json:"file_extension"` // with the dot
	PygmentsLexer     string `json:"pygments_lexer,omitempty"`
	CodeMirrorMode    any    `json:"codemirror_mode,omitempty"` // a string or an object
	NBConvertExporter string `json:"nbconvert_exporter,omitempty"`
}

// HelpLink is an entry of a client's help menu.
type HelpLink struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

// MsgType implements [Content].
func (KernelInfoReply) MsgType() MsgType { return KernelInfoReplyType }

// MarshalJSON writes nil lists as [].
func (r KernelInfoReply) MarshalJSON() ([]byte, error) {
	type plain KernelInfoReply
	r.HelpLinks, r.SupportedFeatures = list(r.HelpLinks), list(r.SupportedFeatures)
	return json.Marshal(plain(r))
}
