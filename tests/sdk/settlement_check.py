#!/usr/bin/env python3
"""Opens an exported settlement with nothing of ours: the standard library of Python reads the CSV and the workbook, adds
up the lines, and recomputes the hash as domain/src/settlements/README.md describes it.

    settlement_check.py SHEET.csv SHEET.xlsx

Prints what it found as JSON. Exits with 1, and says why, when anything does not add up.
"""
import csv
import hashlib
import json
import sys
import zipfile
from decimal import Decimal
from xml.parsers import expat

COLUMNS = 15
KIND, PRICE, AMOUNT, COPAY, YUAN = 1, 10, 11, 12, 14
FORMULA_STARTS = "=+-@\t\r＝＋－＠"


class Lines:
    """Adds up lines as they come."""

    def __init__(self):
        self.hash = hashlib.sha256()
        self.count = self.amount = self.copay = 0
        self.yuan = Decimal(0)

    def add(self, row):
        check(len(row) == COLUMNS, f"line {row[0]} has {len(row)} columns")
        self.count += 1
        check(row[0] == str(self.count), f"line {row[0]} comes at {self.count}")
        check(row[KIND] in ("核销", "调整"), f"line {row[0]} is a {row[KIND]!r}")
        if row[KIND] == "核销":
            check(int(row[AMOUNT]) + int(row[COPAY]) == int(row[PRICE]), f"line {row[0]} does not add up")
        for column, text in enumerate(row):
            number = column in (0, PRICE, AMOUNT, COPAY, YUAN)
            check(number or not text.startswith(tuple(FORMULA_STARTS)), f"line {row[0]} has a formula")
        self.amount += int(row[AMOUNT])
        self.copay += int(row[COPAY])
        self.yuan += Decimal(row[YUAN])
        self.hash.update(("\t".join(row[:-1]) + "\n").encode())

    def result(self):
        check(self.yuan * 100 == self.amount, "yuan and fen differ")
        return {"lines": self.count, "totalFen": self.amount, "copayFen": self.copay, "hash": self.hash.hexdigest()}


def check(holds, message):
    if not holds:
        sys.exit(message)


def read_csv(path):
    lines, tail = Lines(), []
    with open(path, newline="", encoding="utf-8-sig") as file:
        rows = csv.reader(file)
        check(len(next(rows)) == COLUMNS, "the heading")
        for row in rows:
            lines.add(row) if row[0].isdigit() else tail.append(row)
    found = lines.result()
    totals, digest = tail
    check(totals[1] == str(found["lines"]) and totals[AMOUNT] == str(found["totalFen"]), "the totals row")
    check(Decimal(totals[YUAN]) * 100 == found["totalFen"], "the totals row in yuan")
    check(digest[1] == found["hash"], f"the hash is {found['hash']}, the file says {digest[1]}")
    return found


class Rows:
    """Rows of a worksheet; texts stand in the cells themselves."""

    def __init__(self, take):
        self.take, self.row, self.text = take, None, None

    def start(self, name, attributes):
        if name == "row":
            self.row = {}
        elif name == "c":
            self.column = letters(attributes["r"])
        elif name in ("v", "t"):
            self.text = ""
        check(name != "f", "a cell is a formula")

    def data(self, text):
        if self.text is not None:
            self.text += text

    def end(self, name):
        if name in ("v", "t"):
            self.row[self.column], self.text = self.text, None
        elif name == "row":
            self.take(self.row)


def letters(reference):
    column = 0
    for letter in reference.rstrip("0123456789"):
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1


def read_sheet(archive, name, take):
    rows, parser = Rows(take), expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = rows.start, rows.end
    parser.CharacterDataHandler = rows.data
    with archive.open(name) as sheet:
        parser.ParseFile(sheet)


def read_xlsx(path):
    summary, lines, heads = {}, Lines(), []
    archive = zipfile.ZipFile(path)
    read_sheet(archive, "xl/worksheets/sheet1.xml", lambda row: summary.update({row[0]: row.get(1, "")}))

    def take(row):
        cells = [row.get(column, "") for column in range(COLUMNS)]
        lines.add(cells) if heads else heads.append(cells)

    read_sheet(archive, "xl/worksheets/sheet2.xml", take)
    found = lines.result()
    check(summary["明细行数"] == str(found["lines"]), "the summary's lines")
    check(summary["应付合计(分)"] == str(found["totalFen"]), "the summary's total")
    check(Decimal(summary["应付合计(元)"]) * 100 == found["totalFen"], "the summary's yuan")
    check(summary["明细哈希(SHA-256)"] == found["hash"], "the summary's hash")
    return found


if __name__ == "__main__":
    from_csv, from_xlsx = read_csv(sys.argv[1]), read_xlsx(sys.argv[2])
    check(from_csv == from_xlsx, f"the files differ: {from_csv}, {from_xlsx}")
    print(json.dumps(from_csv))
