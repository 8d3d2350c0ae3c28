// Package jupyter holds the messages of the Jupyter protocol 5.5 as Go types: headers, one struct for each
// message content, MIME bundles and the connection file. It is data; only [ReadConnectionFile] and
// [WriteConnectionFile] touch the file system, and nothing here knows a socket.
//
// The protocol is that of https://jupyter-client.readthedocs.io/en/stable/messaging.html ("the spec" below);
// the welcome message on iopub is that of JEP 65.
package jupyter

// ProtocolVersion is the version of the messaging protocol that headers and kernel_info_reply announce.
const ProtocolVersion = "5.5"
