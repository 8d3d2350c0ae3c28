"""How Python's values are written in Go.

A parameter becomes `name := value`, with the type that Go gives such a value: int, float64, string or bool, a slice or
a map of one of them, or of any if its elements differ. A number for a float64 is given as 1.0 and not as 1.
"""

import json
import math
import re

from papermill.engines import NBClientEngine
from papermill.exceptions import PapermillException
from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators

KEYWORDS = frozenset(
    "break case chan const continue default defer else fallthrough for func go goto if import interface map package "
    "range return select struct switch type var".split()
)

# What inspect recognises: `name := value`, `name = value`, `var name type = value` and `const name = value`.
DEFAULT = re.compile(
    r"^\s*(?:(?:var|const)\s+)?(?P<name>\w+)\s*(?P<type>[^\s=:][^=:]*?)?\s*:?=(?!=)\s*(?P<value>.*?)\s*(?://\s*(?P<help>.*))?$"
)


class GoTranslator(Translator):
    """Writes Python's values in Go."""

    @classmethod
    def comment(cls, cmt_str):
        return f"// {cmt_str}".strip()

    @classmethod
    def assign(cls, name, str_val):
        if not name.isidentifier() or name in KEYWORDS or name == "_":
            raise PapermillException(f"{name!r} cannot be the name of a variable in Go")
        return f"{name} := {str_val}"

    @classmethod
    def translate(cls, val):
        kind = cls.type_of(val)
        if kind == "any" and val is None:
            return "any(nil)"
        return cls.literal(val, kind)

    @classmethod
    def type_of(cls, val):
        """Returns the Go type of a value that stands alone."""
        if val is None:
            return "any"
        if isinstance(val, bool):
            return "bool"
        if isinstance(val, int):
            return "int"
        if isinstance(val, float):
            return "float64"
        if isinstance(val, (list, tuple)):
            return "[]" + cls.type_of_all(val)
        if isinstance(val, dict):
            return f"map[{cls.type_of_all(val.keys())}]{cls.type_of_all(val.values())}"
        return "string"

    @classmethod
    def type_of_all(cls, values):
        """Returns the type that elements have in common."""
        kinds = {cls.type_of(v) for v in values}
        if kinds == {"int", "float64"}:
            return "float64"
        return kinds.pop() if len(kinds) == 1 else "any"

    @classmethod
    def literal(cls, val, kind):
        """Returns val as an expression of a type."""
        if kind == "any":  # an element, which says its type itself
            return "nil" if val is None else cls.literal(val, cls.type_of(val))
        if kind.startswith("[]"):
            return f"{kind}{{{', '.join(cls.literal(v, kind[2:]) for v in val)}}}"
        if kind.startswith("map["):
            key, element = kind[4:].split("]", 1)
            return f"{kind}{{{', '.join(f'{cls.literal(k, key)}: {cls.literal(v, element)}' for k, v in val.items())}}}"
        if kind == "bool":
            return "true" if val else "false"
        if kind == "float64":
            return cls.translate_float(float(val))
        if kind == "int":
            return cls.translate_int(val)
        return cls.translate_str(str(val))

    @classmethod
    def translate_int(cls, val):
        if not -(2**63) <= val < 2**63:
            raise PapermillException(f"{val} is too large for an int in Go")
        return str(val)

    @classmethod
    def translate_float(cls, val):
        if math.isnan(val):
            return "math.NaN()"
        if math.isinf(val):
            return "math.Inf(1)" if val > 0 else "math.Inf(-1)"
        return repr(val)

    @classmethod
    def translate_str(cls, val):
        # JSON's strings are Go's, but for the byte order mark, which may not stand in Go source.
        text = json.dumps(val, ensure_ascii=False).replace("\ufeff", r"\ufeff").replace("\x7f", r"\x7f")
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as err:
            raise PapermillException(f"{val!r} cannot be a string in Go: {err}") from err
        return text

    @classmethod
    def inspect(cls, parameters_cell):
        found = []
        for line in parameters_cell["source"].splitlines():
            match = None if line.lstrip().startswith("//") else DEFAULT.match(line)
            if match and match["name"] not in KEYWORDS:
                found.append(Parameter(match["name"], match["type"] or "None", match["value"], match["help"] or ""))
        return found


class GoEngine(NBClientEngine):
    """Runs notebooks as papermill's own engine does. It is what makes papermill load this module."""


papermill_translators.register("go", GoTranslator)
