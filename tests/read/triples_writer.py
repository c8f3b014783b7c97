"""A writer of Triple-S after the standard's rules, independent of the reader."""

from xml.sax.saxutils import escape, quoteattr


class Writer:
    """Definitions and records of variables given as (name, type, label, more)."""

    def __init__(self, variables, *, csv=False, in_bytes="", href="", version="2.0"):
        self.variables, self.csv, self.in_bytes = variables, csv, in_bytes
        self.href, self.version = href, version
        self.places, at = {}, 1
        for number, (name, kind, _, more) in enumerate(variables, start=1):
            width = self.width(kind, more)
            self.places[name] = (number, number) if csv else (at, at + width - 1)
            at += width

    def width(self, kind, more):
        codes = [str(code) for code in more.get("values", {})] + [
            str(end) for end in more.get("range", ())
        ]
        match kind:
            case "multiple" if "spread" in more:
                return more["spread"] * max(map(len, codes))
            case "multiple":
                return max(map(int, codes))
            case "character":
                return more["size"] * (4 if self.in_bytes else 1)
            case "logical" | "date" | "time":
                return {"logical": 1, "date": 8, "time": 6}[kind]
            case _:
                return max(map(len, codes)) + 1

    def definitions(self, encoding="UTF-8"):
        form = ' format="csv" skip="1"' if self.csv else ""
        href = f" href={quoteattr(self.href)}" if self.href else ""
        lines = [
            f'<?xml version="1.0" encoding="{encoding}"?>',
            '<!DOCTYPE sss PUBLIC "-//triple-s//DTD Survey Interchange v2.0//EN" "http://www.triple-s.org/dtd/sss_v20.dtd">',
            f'<sss version="{self.version}"><survey><title>A wave</title><record ident="V"{form}{href}>',
        ]  # fmt: skip
        for number, (name, kind, label, more) in enumerate(self.variables, start=1):
            literal = ' format="literal"' if more.get("literal") else ""
            start, finish = self.places[name]
            lines.append(
                f'<variable ident="{number}" type="{kind}"{literal}><name>{escape(name)}</name>'
            )
            lines.append(
                f'<label>{escape(label)}</label><position start="{start}" finish="{finish}"/>'
            )
            if "spread" in more:
                width = max(len(str(code)) for code in more["values"])
                lines.append(f'<spread subfields="{more["spread"]}" width="{width}"/>')
            if "size" in more:
                lines.append(f"<size>{more['size']}</size>")
            if "values" in more or "range" in more:
                lines.append("<values>")
                if "range" in more:
                    lines.append('<range from="{}" to="{}"/>'.format(*more["range"]))
                lines += [
                    f"<value code={quoteattr(str(c))}>{escape(t)}</value>"
                    for c, t in more.get("values", {}).items()
                ]
                lines.append("</values>")
            lines.append("</variable>")
        return "\n".join([*lines, "</record></survey></sss>"])

    def field(self, kind, more, value):
        codes = [str(code) for code in more.get("values", {})]
        if value is None:
            return ""
        if kind == "multiple" and "spread" in more:
            width = max(map(len, codes))
            parts = [*value, *[0] * (more["spread"] - len(value))]
            return "".join(str(part).rjust(width, "0") for part in parts)
        if kind == "multiple":
            return "".join("1" if at in value else "0" for at in range(1, max(map(int, codes)) + 1))
        return str(value)

    def records(self, people):
        rows = [[self.field(k, m, person[n]) for n, k, _, m in self.variables] for person in people]
        if self.csv:
            quoted = [[f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row] for row in rows]
            return (
                "\n".join([",".join(n for n, *_ in self.variables), *map(",".join, quoted)]) + "\n"
            )
        lines = []
        for row in rows:
            line = ""
            for (name, kind, _, more), cell in zip(self.variables, row, strict=True):
                start, finish = self.places[name]
                width = finish - start + 1
                if self.in_bytes and not cell.isascii():
                    width -= len(cell.encode(self.in_bytes)) - len(cell)
                left = kind in ("character", "multiple") or more.get("literal")
                line += cell.ljust(width) if left else cell.rjust(width)
            lines.append(line.rstrip())
        return "\r\n".join(lines) + "\r\n"
