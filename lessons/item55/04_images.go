package item55

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"
	"sync"
	"time"

	"gokernel/internal/concurrency"
	"gokernel/kernel/display"
)

/*lesson:markdown images-why
## Real pictures

Enough of strings. A camera is hard to put into a notebook, so `paint` makes pictures, each a different pattern of 64 by 64 points. `shrink` resizes one for good: each point of the thumbnail is the
mean of a square of sixteen. And the gallery keeps PNG files, in memory.
*/

//lesson:declare paint listing=55.1

// A Photo is a picture and its name.
type Photo struct {
	Name  string
	Image *image.Gray
}

// paint makes a picture; each seed gives another one.
func paint(seed int) *image.Gray {
	const size = 64
	img := image.NewGray(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			dx, dy := x-(seed*13)%size, y-(seed*29)%size
			img.Pix[y*img.Stride+x] = uint8((dx*dx + dy*dy) * (seed%5 + 2) / 16)
		}
	}
	return img
}

// shrink returns a picture of a quarter of the height and width.
func shrink(img *image.Gray) *image.Gray {
	const by = 4
	size := img.Bounds().Size().Div(by)
	small := image.NewGray(image.Rectangle{Max: size})
	for y := range size.Y {
		for x := range size.X {
			sum := 0
			for i := range by * by {
				sum += int(img.Pix[(y*by+i/by)*img.Stride+x*by+i%by])
			}
			small.Pix[y*small.Stride+x] = uint8(sum / (by * by))
		}
	}
	return small
}

//lesson:run one-thumbnail listing=55.1
func oneThumbnail() {
	big := paint(3)
	small := shrink(big)
	var file bytes.Buffer
	if err := png.Encode(&file, small); err != nil {
		fmt.Println(err)
	}
	fmt.Println(big.Bounds().Size(), "became", small.Bounds().Size())
	fmt.Println("its first row:", small.Pix[:small.Stride])
	fmt.Println("a PNG file:", bytes.HasPrefix(file.Bytes(), []byte("\x89PNG")))
	// Output:
	// (64,64) became (16,16)
	// its first row: [72 159 160 92 49 192 201 173 154 145 146 158 179 210 155 47]
	// a PNG file: true
}

/*lesson:markdown images-pipeline-why
Now the pipeline. Downloading and uploading wait for a network, twenty and ten milliseconds per photo; resizing computes. So give the stages different
widths. The pictures that are on their way are counted, for we want to know how many are in memory at the same time. `Add` of a progress bar may be called from any
goroutine.
*/

//lesson:declare thumbnails listing=55.12

// A Gallery keeps thumbnails as PNG files, by name.
type Gallery = concurrency.Guarded[map[string][]byte]

// underWay counts pictures that have been downloaded and not yet been uploaded.
type underWay struct {
	mu        sync.Mutex // guards now and most
	now, most int
}

// add counts n more.
func (u *underWay) add(n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.now += n
	u.most = max(u.most, u.now)
}

// thumbnails brings n photos through three stages into a gallery. An upload takes as
// long as latency.
func thumbnails(n int, latency time.Duration, gallery *Gallery, count *underWay) error {
	bar := display.Progress(n, "thumbnails")
	var seeds []int
	for i := range n {
		seeds = append(seeds, i)
	}
	take := func(ctx context.Context, seed int) (Photo, error) {
		time.Sleep(20 * time.Millisecond)
		count.add(1)
		return Photo{fmt.Sprintf("photo %02d", seed), paint(seed)}, nil
	}
	reduce := func(ctx context.Context, photo Photo) (Photo, error) {
		return Photo{photo.Name, shrink(photo.Image)}, nil
	}
	store := func(ctx context.Context, photo Photo) error {
		time.Sleep(latency)
		var file bytes.Buffer
		if err := png.Encode(&file, photo.Image); err != nil {
			return err
		}
		gallery.With(func(files *map[string][]byte) {
			(*files)[photo.Name] = file.Bytes()
		})
		count.add(-1)
		bar.Add(1)
		return nil
	}

	group := concurrency.NewGroup(ctx)
	cameras := concurrency.Source(group, 4, slices.Values(seeds))
	downloaded := concurrency.Stage(group, 6, cameras, take)
	resized := concurrency.Stage(group, 2, downloaded, reduce)
	concurrency.Sink(group, 3, resized, store)
	return group.Wait()
}

//lesson:declare photo-gallery listing=55.12

var photoGallery = concurrency.NewGuarded(map[string][]byte{})

//lesson:run images-pipeline listing=55.12 timing
func imagesPipeline() {
	began := time.Now()
	var count underWay
	if err := thumbnails(48, 10*time.Millisecond, photoGallery, &count); err != nil {
		fmt.Println(err)
	}
	fmt.Println(len(photoGallery.Load()), "thumbnails, all uploaded:", count.now == 0)
	fmt.Printf("%.1f seconds; waiting alone would take %.1f, one photo after the other\n",
		time.Since(began).Seconds(), 48*0.03)
	// Output pattern:
	// 48 thumbnails, all uploaded: true
	// {seconds 0.1..10} seconds; waiting alone would take 1.4, one photo after the other
	// Display pattern:
	// thumbnails 100% [####################] 48/48 in {text}s
	// Recorded:
	// 48 thumbnails, all uploaded: true
	// 0.9 seconds; waiting alone would take 1.4, one photo after the other
	// Recorded display:
	// thumbnails 100% [####################] 48/48 in 0.9s
}

/*lesson:markdown sheet-why
See for yourself. A picture that is the last expression of a cell is shown.
*/

//lesson:declare contact-sheet

// contactSheet puts the pictures of a gallery side by side, in the order of their
// names.
func contactSheet(files map[string][]byte, columns int) (*image.Gray, error) {
	const cell = 20
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	rows := (len(names) + columns - 1) / columns
	sheet := image.NewGray(image.Rect(0, 0, columns*cell, rows*cell))
	for i, name := range names {
		img, err := png.Decode(bytes.NewReader(files[name]))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		at := image.Pt(i%columns*cell+2, i/columns*cell+2)
		for y := range img.Bounds().Dy() {
			for x := range img.Bounds().Dx() {
				gray := color.GrayModel.Convert(img.At(x, y)).(color.Gray)
				sheet.SetGray(at.X+x, at.Y+y, gray)
			}
		}
	}
	return sheet, nil
}

/*lesson:code sheet draws
sheet, err := contactSheet(photoGallery.Load(), 12)
if err != nil {
	panic(err)
}
sheet
*/

// Result:
// PNG image, 240 × 80, 8.2 kB

/*lesson:markdown images-backpressure-why
### Backpressure, measured

Now the gallery becomes slow: a hundred milliseconds for each upload, five times what a download takes. A pipeline that works ahead would pile up one picture after the other. With queues that
hold as many items as the stage has workers, the stages before simply wait. How many pictures are there at most? Six with the downloaders, as many in their queue, two with the resizers, two in
the next queue, three with the uploaders: nineteen, for any number of photos.
*/

//lesson:run images-backpressure timing
func imagesBackpressure() {
	var count underWay
	gallery := concurrency.NewGuarded(map[string][]byte{})
	if err := thumbnails(48, 100*time.Millisecond, gallery, &count); err != nil {
		fmt.Println(err)
	}
	fmt.Println(len(gallery.Load()), "thumbnails")
	fmt.Println("at most", count.most, "pictures in memory at once")
	// Output pattern:
	// 48 thumbnails
	// at most {int 12..19} pictures in memory at once
	// Display pattern:
	// thumbnails 100% [####################] 48/48 in {text}s
	// Recorded:
	// 48 thumbnails
	// at most 19 pictures in memory at once
	// Recorded display:
	// thumbnails 100% [####################] 48/48 in 1.8s
}

/*lesson:markdown points
## Points to remember

- A pipeline of stages suits work that waits: each stage has as many workers as *its* waiting needs.
- Do not poll and do not wait in a busy loop. Let the queue wait.
- Give each queue a bound. A slow stage then holds back the fast ones, and memory stays what it is.
- Somebody must say that nothing more is coming: close the queue, once, from the side that puts.
- Taken is not done. If you need to know that all work is done, join.
- In Go a channel is a closable, bounded queue. Errors and cancellation need a context and a group.
*/
