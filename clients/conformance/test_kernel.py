"""The conformance suite of Jupyter, jupyter_kernel_test, with a sample for each of its optional tests."""

import jupyter_kernel_test


class GoKernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = "gokernel"
    language_name = "go"
    file_extension = ".go"

    code_hello_world = 'import "fmt"\nfmt.Println("hello, world")'
    code_stderr = 'import ("fmt"; "os")\nfmt.Fprintln(os.Stderr, "something went wrong")'

    completion_samples = [
        {"text": "fmt.Sprintl", "matches": {"Sprintln"}},
        {"text": "strings.HasPre", "matches": {"HasPrefix"}},
        {"text": "sync.RWM", "matches": {"RWMutex"}},
    ]

    complete_code_samples = [
        "1 + 1",
        "x := 1",
        "for i := range 3 {\n\tprintln(i)\n}",
        "func double(n int) int { return 2 * n }",
        "type point struct {\n\tx, y int\n}",
        "package main\n\nfunc main() {}",
        "// a remark",
        "s := `a raw\nstring`",
        "",
    ]
    incomplete_code_samples = [
        "for i := range 3 {",
        "func double(n int) int {",
        "x := []int{1,",
        "fmt.Println(",
        "s := `a raw",
        "1 +",
        "/* a remark",
    ]
    invalid_code_samples = [
        "x := := 1",
        "fmt.Println)",
        "func 1() {}",
    ]

    code_page_something = "fmt.Println?"

    code_generate_error = "var numbers []int\nnumbers[3] = 1"

    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": '"go" + "pher"', "result": "gopher"},
        {"code": "[]int{1, 2, 3}", "result": "[1 2 3]"},
        {"code": "1 == 2", "result": "false"},
    ]

    code_display_data = [
        {"code": 'display.Display(display.HTML("<b>bold</b>"))', "mime": "text/html"},
        {"code": 'display.Display(display.Markdown("**bold**"))', "mime": "text/markdown"},
        {"code": "display.Display(display.Math(`e^{i\\pi}`))", "mime": "text/latex"},
        {"code": "display.Display(display.SVG(`<svg xmlns='http://www.w3.org/2000/svg'/>`))", "mime": "image/svg+xml"},
        {"code": 'display.Display(display.JSON(map[string]int{"a": 1}))', "mime": "application/json"},
    ]

    code_history_pattern = "6 ?*"
    supported_history_operations = ("tail", "range", "search")

    code_inspect_sample = "fmt.Println"

    code_clear_output = "display.Clear(false)"


class GoIopubWelcomeTests(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "gokernel"
    support_iopub_welcome = True
