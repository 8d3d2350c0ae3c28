package std

import _ "embed" // for the data

//go:embed export_linux_amd64.zip
var exportZip []byte
