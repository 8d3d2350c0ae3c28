# nbgrader for the lessons of gokernel. Put this file into the directory of your course and write the teacher's
# edition into it:
#
#   gokernel lessons source/concurrency --edition teacher
#   nbgrader generate_assignment concurrency      makes release/concurrency, the student's edition
#   nbgrader autograde concurrency                grades submitted/NAME/concurrency
#   nbgrader generate_feedback concurrency
#
# The kernel must be known to the Jupyter that nbgrader uses: gokernel install.

c = get_config()  # noqa: F821 - nbgrader defines it

c.CourseDirectory.course_id = "concurrency"

# nbgrader has no stub for Go. This is the one that "gokernel lessons --edition student" uses.
c.ClearSolutions.code_stub = {"go": "// your code here"}

# Checks have deadlines of their own, 30 seconds at most; a cell that measures something may take a few seconds more.
c.Execute.timeout = 120

# nbgrader takes anything that a graded cell writes to stderr for a failure, and that is where Go's println writes. A check
# fails by an error, never by what somebody prints.
c.IgnorePattern.enabled = True
c.IgnorePattern.pattern = r"(?s).+"
