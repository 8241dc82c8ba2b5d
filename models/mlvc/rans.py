"""The entropy coder of the bitstream, plainly: rANS with a 32-bit state, bytes, 16-bit frequencies, 2-bit escape digits.

Slow and obvious, for experiments whose streams must be real; what calls use is `RansEncoder`/`RansDecoder` of the C# codec, and
`tests/vectors/rans.json` holds both to the same bytes (docs/bitstream.md).
"""

import itertools

import numpy

from .entropy import FREQUENCY_BITS

LOWER_BOUND = 1 << 23  # the state stays in 2^23 .. 2^31 − 1
FREE_BITS = 23  # of the state below its highest at LOWER_BOUND
DIGIT_BITS = 2  # of an escaped value
MAX_DIGITS = 16  # 32 bits; a longer escape is a broken stream
SLOTS = 1 << FREQUENCY_BITS


class Tables:
    """Frequency tables by number, from the arrays of a PMF file (`gaussian_tables`, `prior_tables`)."""

    def __init__(self, arrays):
        ends = list(itertools.accumulate(arrays["pmf_lengths"]))
        self.offsets = arrays["pmf_offsets"]
        self.frequencies = [arrays["pmf_table"][end - n : end] for end, n in zip(ends, arrays["pmf_lengths"])]
        self.starts = [[0, *itertools.accumulate(table[:-1])] for table in self.frequencies]
        self.slots = {}

    def __len__(self):
        return len(self.offsets)

    def symbols(self, number):
        """slot 0..65535 -> symbol; made when first asked for."""
        if number not in self.slots:
            table = self.frequencies[number]
            self.slots[number] = numpy.repeat(numpy.arange(len(table), dtype=numpy.uint8), table).tobytes()
        return self.slots[number]


def encode(parts):
    """parts: [(Tables, values, table numbers), …] in the order of decoding, integers of equal count -> the stream."""
    return stream(steps_of(parts))


def steps_of(parts):
    """The same as steps of a stream."""
    steps = []
    for tables, values, numbers in parts:
        starts, frequencies, offsets = tables.starts, tables.frequencies, tables.offsets
        for value, number in zip(listed(values), listed(numbers)):
            symbol, sentinel = value + offsets[number], len(frequencies[number]) - 1
            digits = []
            if not 0 <= symbol < sentinel:
                digits = escape(2 * -symbol - 1 if symbol < 0 else 2 * (symbol - sentinel))
                symbol = sentinel
            steps.append((starts[number][symbol], frequencies[number][symbol], FREQUENCY_BITS))
            steps.extend((digit, 1, DIGIT_BITS) for digit in digits)
    return steps


def stream(steps, last=()):
    """steps: [(start, frequency, bits), …] in the order of decoding -> bytes. rANS is last in, first out.

    last: even choices that follow all steps, 0 or 1. The state that an encoder starts from has room for the last FREE_BITS of them, lowest bit first.
    """
    coded, free = last[: max(len(last) - FREE_BITS, 0)], last[max(len(last) - FREE_BITS, 0) :]
    steps = [*steps, *((bit * SLOTS // 2, SLOTS // 2, FREQUENCY_BITS) for bit in coded)]
    state, backwards = LOWER_BOUND + sum(bit << n for n, bit in enumerate(free)), bytearray()
    for start, frequency, bits in reversed(steps):
        while state >= frequency << (31 - bits):
            backwards.append(state & 255)
            state >>= 8
        state = (state // frequency << bits) + start + state % frequency
    return state.to_bytes(4, "little") + bytes(reversed(backwards))


def escape(code):
    """An escaped value -> the count of its digits (runs of 3, ended by less), then its digits, least significant first."""
    digits = []
    while code:
        digits.append(code & 3)
        code >>= 2
    return [3] * (len(digits) // 3) + [len(digits) % 3] + digits


class Decoder:
    """Reads one stream, part by part. The first contradiction sets `error`; every value from there on is 0."""

    def __init__(self, data):
        self.data, self.position, self.state = data, 4, int.from_bytes(data[:4], "little")
        self.error = None if len(data) >= 4 and LOWER_BOUND <= self.state < 1 << 31 else "no start"

    def take(self, tables, numbers):
        """-> as many values as there are table numbers, int64."""
        numbers = listed(numbers)
        values = numpy.zeros(len(numbers), numpy.int64)
        for i, number in enumerate(numbers):
            if self.error:
                break
            symbol = tables.symbols(number)[self.state & (SLOTS - 1)]
            self.pull(tables.starts[number][symbol], tables.frequencies[number][symbol], FREQUENCY_BITS)
            if symbol == len(tables.frequencies[number]) - 1:
                code = self.take_escape()
                symbol = -((code + 1) // 2) if code & 1 else code // 2 + symbol
            values[i] = symbol - tables.offsets[number]
        return values

    def take_escape(self):
        count, digit = 0, 3
        while digit == 3 and count <= MAX_DIGITS:
            digit = self.take_digit()
            count += digit
        if count > MAX_DIGITS:
            self.error = self.error or "escape too long"
            return 0
        return sum(self.take_digit() << (DIGIT_BITS * i) for i in range(count))

    def take_digit(self):
        digit = self.state & 3
        self.pull(digit, 1, DIGIT_BITS)
        return digit

    def pull(self, start, frequency, bits):
        state = frequency * (self.state >> bits) + (self.state & ((1 << bits) - 1)) - start
        while state < LOWER_BOUND:
            if self.position == len(self.data):
                self.error = self.error or "too short"
                state = LOWER_BOUND
                break
            state = state << 8 | self.data[self.position]
            self.position += 1
        self.state = state

    def finish(self):
        """-> None, or why this is not a stream that was read as it was written."""
        if not self.error and (self.position != len(self.data) or self.state != LOWER_BOUND):
            self.error = "wrong end"
        return self.error


def listed(values):
    return values if isinstance(values, list) else numpy.asarray(values).ravel().astype(numpy.int64).tolist()
