package jupyter

import "strings"

// MsgType is the msg_type of a header.
type MsgType string

// The message types of protocol 5.5, by the channel they travel on.
const (
	// Shell; kernel_info and comm_info are understood on control as well.
	ExecuteRequestType    MsgType = "execute_request"
	ExecuteReplyType      MsgType = "execute_reply"
	InspectRequestType    MsgType = "inspect_request"
	InspectReplyType      MsgType = "inspect_reply"
	CompleteRequestType   MsgType = "complete_request"
	CompleteReplyType     MsgType = "complete_reply"
	HistoryRequestType    MsgType = "history_request"
	HistoryReplyType      MsgType = "history_reply"
	IsCompleteRequestType MsgType = "is_complete_request"
	IsCompleteReplyType   MsgType = "is_complete_reply"
	CommInfoRequestType   MsgType = "comm_info_request"
	CommInfoReplyType     MsgType = "comm_info_reply"
	KernelInfoRequestType MsgType = "kernel_info_request"
	KernelInfoReplyType   MsgType = "kernel_info_reply"

	// Control.
	ShutdownRequestType  MsgType = "shutdown_request"
	ShutdownReplyType    MsgType = "shutdown_reply"
	InterruptRequestType MsgType = "interrupt_request"
	InterruptReplyType   MsgType = "interrupt_reply"
	DebugRequestType     MsgType = "debug_request"
	DebugReplyType       MsgType = "debug_reply"

	// IOPub.
	StreamType            MsgType = "stream"
	DisplayDataType       MsgType = "display_data"
	UpdateDisplayDataType MsgType = "update_display_data"
	ExecuteInputType      MsgType = "execute_input"
	ExecuteResultType     MsgType = "execute_result"
	ErrorType             MsgType = "error"
	StatusType            MsgType = "status"
	ClearOutputType       MsgType = "clear_output"
	IOPubWelcomeType      MsgType = "iopub_welcome"

	// Stdin.
	InputRequestType MsgType = "input_request"
	InputReplyType   MsgType = "input_reply"

	// Both ways: client to kernel on shell, kernel to client on iopub.
	CommOpenType  MsgType = "comm_open"
	CommMsgType   MsgType = "comm_msg"
	CommCloseType MsgType = "comm_close"
)

// Reply returns the type that answers a request: "x_reply" for "x_request". ok is false if t is no request.
func (t MsgType) Reply() (reply MsgType, ok bool) {
	stem, ok := strings.CutSuffix(string(t), "_request")
	return MsgType(stem + "_reply"), ok && stem != ""
}
