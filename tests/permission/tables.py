"""Random TOML files: right ones, nearly right ones and rubbish."""

from hypothesis import strategies as st

__all__ = ["bombs", "spoilt", "toml_tables"]

_KEYS = ("id", "title", "party", "clause", "text", "status", "uses", "owner", "actor", "activities")
_MORE = (
    "purpose",
    "models",
    "territories",
    "start",
    "end",
    "retention_days",
    "contact",
    "contract",
)
_VALUES = (
    '"house-1"',
    '"partner"',
    '"opt_out"',
    '"*/*"',
    '""',
    "'''  '''",
    "1",
    "-1",
    "1.5",
    "nan",
    "true",
    "2031-01-01",
    "1970-01-01",
    "2031-01-01T00:00:00Z",
    "2031-01-01T00:00:00",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
    "12:00:00",
    "[]",
    '["platform/search"]',
    '["world"]',
    '["search", "train-*"]',
    "[1]",
    "[[]]",
    "{}",
    '{ id = "a" }',
    '[{ id = "a", text = "b", status = "granted", uses = ["*/*"] }]',
)
_lines = st.builds("{} = {}".format, st.sampled_from(_KEYS + _MORE), st.sampled_from(_VALUES))
_rubbish = st.text(max_size=20) | st.sampled_from(
    ("[[clause]]", "[clause]", "[", "a.b.c = 1", "\ud800")
)
toml_tables = st.lists(_lines | _rubbish, max_size=20).map("\n".join)


@st.composite
def spoilt(draw: st.DrawFn, toml: str) -> str:
    """Draw a good file in which some fields have a value meant for another."""
    lines = toml.splitlines()
    fields = [at for at, line in enumerate(lines) if " = " in line]
    for at in draw(st.sets(st.sampled_from(fields), min_size=1, max_size=3)):
        name = lines[at].partition(" = ")[0]
        lines[at] = f"{name} = {draw(st.sampled_from(_VALUES))}"
    return "\n".join(lines)


bombs = {
    "lists in lists": "a = " + "[" * 5_000,
    "tables in tables": "a = " + "{ a = " * 5_000,
    "a number without end": "a = " + "1" * 5_000,
    "a key without end": "a." * 30_000 + "a = 1",
    "a key without end in a table": "b = {" + "a . " * 15_000 + "a = 1}",
    "half a character": "a = '\ud800'",
}
"""Small files that would cost a parser its stack or its afternoon."""
