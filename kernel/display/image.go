package display

import (
	"bytes"
	"fmt"
	"image"
	_ "image/gif"  // so that describeBytes knows the size of GIF data
	_ "image/jpeg" // likewise JPEG
	"image/png"
	"strings"
)

// maxPixels bounds the images that are encoded. image.Uniform, for one, has 4e18 pixels.
const maxPixels = 64 << 20

// Image returns img as a PNG with its size in pixels as metadata. It panics with an
// error that says why if img cannot be encoded: nil, empty, or over 64 megapixels.
func Image(img image.Image) Data {
	d, err := imageData(img)
	if err != nil {
		panic(fmt.Errorf("display.Image: %w", err))
	}
	return d
}

// imageData encodes img.
func imageData(img image.Image) (Data, error) {
	if img == nil {
		return Data{}, fmt.Errorf("the image is nil")
	}
	r := img.Bounds()
	if r.Empty() {
		return Data{}, fmt.Errorf("the image is empty: %v", r)
	}
	if w, h := int64(r.Dx()), int64(r.Dy()); w <= 0 || h <= 0 || w > maxPixels || h > maxPixels || w*h > maxPixels {
		return Data{}, fmt.Errorf("the image is too large to show: %d × %d pixels", r.Dx(), r.Dy())
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		return Data{}, err
	}
	d := PNG(buf.Bytes())
	d.Metadata = MIMEMap{MIMETypePNG: MIMEMap{"width": r.Dx(), "height": r.Dy()}}
	return d, nil
}

// describeBytes returns the text/plain form of binary data.
func describeBytes(mimeType string, b []byte) string {
	kind := mimeType
	if sub, ok := strings.CutPrefix(mimeType, "image/"); ok {
		kind = strings.ToUpper(sub) + " image"
	} else if mimeType == MIMETypePDF {
		kind = "PDF document"
	}
	if c, _, err := image.DecodeConfig(bytes.NewReader(b)); err == nil {
		return fmt.Sprintf("%s, %d × %d, %s", kind, c.Width, c.Height, size(len(b)))
	}
	return fmt.Sprintf("%s, %s", kind, size(len(b)))
}
