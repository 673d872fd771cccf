"""Text to meaning: recognise, look at the context, weigh by the question that was asked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from speech.understanding.context import Context
from speech.understanding.decide import ANSWERS, Heard, decide
from speech.understanding.meaning import GRAVITY, RISK_OF, Intent, Meaning
from speech.understanding.net import Net
from speech.understanding.questions import OPEN, Question, read_questions
from speech.understanding.scales import GRAVE, GRAVE_EXPLAINED, UNEASY, Scales
from speech.understanding.scan import Hit, Scan, Scanner
from speech.understanding.sounds import Sounds
from speech.understanding.spans import Spans, marked
from speech.understanding.spelling import PAUSE, Spoken, speller

HUMS = "嗯唔"
BEFORE_ANSWER = f"{PAUSE}了的"
REST = 3
"""With fewer characters left over, a request is wholly explained by what was recognised in it."""
AFTER_ANSWER = f"{PAUSE}了的我你他谢吧就都还也那吗"


class Understanding:
    """Understands utterances by the phrases of each intent. Immutable once made; may be shared between threads."""

    def __init__(self, phrases: Mapping[Intent, Sequence[str]]) -> None:
        """Raises ValueError, naming file and entry, when the language's own files are not as they should be."""
        self._scanner = Scanner(phrases)
        self._sounds = Sounds(phrases)
        self._net = Net()
        self._scales = Scales()
        self._context = Context()
        self._questions, self._manners = read_questions()
        self._hums = {hum: intent for intent, listed in phrases.items() for hum in listed if set(hum) <= set(HUMS)}

    @property
    def questions(self) -> tuple[str, ...]:
        """The names of the questions whose answers are understood as answers."""
        return tuple(self._questions)

    def understand(self, text: str, question: str | None = None) -> Meaning:
        """What `text` means as an answer to `question`; one that is not in `questions` is taken as an open question."""
        asked = self._questions.get(question or "", OPEN)
        spoken = speller().spell(text)
        if not spoken.text.strip(PAUSE):
            return self._hummed(text, asked)
        meaning = self._answer_to(asked, spoken)
        if meaning.risk in ("red", "orange") or not spoken.stuttered:
            return meaning
        fluent = self._answer_to(asked, spoken.fluent())
        return fluent if fluent.risk in ("red", "orange") else meaning

    def _answer_to(self, asked: Question, spoken: Spoken) -> Meaning:
        return decide(self._hear(spoken, asked), asked, self._manners)

    def _hummed(self, text: str, asked: Question) -> Meaning:
        """The meaning of an utterance that holds nothing but fillers: 嗯 is a yes."""
        hum = next((character for character in text if character in self._hums), None)
        if hum is None:
            return Meaning()
        amount = asked.risks.get(self._hums[hum])
        if amount is None:
            return Meaning(self._hums[hum], matched=(hum,))
        return Meaning(self._hums[hum], amount.risk, not amount.sure, matched=(hum,))

    def _hear(self, spoken: Spoken, asked: Question) -> Heard:
        text = spoken.text
        scan = self._scanner.scan(spoken)
        found = self._found(scan)
        risks = [hit for risk in found if (hit := self._context.judge(risk, text)) is not None]
        variants = self._variants(text)
        wishes, declined = self._wishes(scan, text, variants)
        risks = [hit for hit in risks if text[hit.start : hit.end] not in self._manners.alone - variants]
        if wishes or declined or not all(hit.lonely for hit in risks):
            risks = [hit for hit in risks if not hit.lonely]
        answer = _answer(asked, text, variants)
        if answer is not None:
            risks = [hit for hit in risks if not hit.vague]
            wishes = [hit for hit in wishes if hit.intent not in ANSWERS]
            said = Hit(0, len(text), answer, RISK_OF.get(answer))
            (risks if said.risk else wishes).append(said)
        elif all(hit.risk == "yellow" for hit in risks):
            risks += self._weighed(spoken, scan, risks, [*wishes, *declined])
        return Heard(
            spoken,
            tuple(self._worsened(risks, scan.text)),
            tuple(wishes),
            tuple(declined),
            unsure=asked.unsure is not None and asked.unsure.search(text) is not None,
            collides=not variants.isdisjoint(self._manners.collisions),
            left=self._context.unshielded(scan.text),
            but=self._context.contradicted(text),
        )

    def _found(self, scan: Scan) -> tuple[Hit, ...]:
        """Every danger that may be there; the net is listened to where nothing grave was recognised."""
        found = (*scan.risks, *self._sounds.find(scan.text, scan.risks))
        if any(GRAVITY[hit.risk] >= GRAVITY["orange"] for hit in found):
            return found
        return (*found, *self._net.find(scan.text))

    def _weighed(self, spoken: Spoken, scan: Scan, risks: Sequence[Hit], wishes: Sequence[Hit]) -> Iterator[Hit]:
        """The utterance as a whole, if it is like those of people in danger and not wholly explained."""
        known = [hit for hit in (*risks, *wishes) if not hit.doubt]
        size = len(spoken.text)
        if wishes and size - sum(marked(size, (hit.span for hit in known))) < REST:
            return
        score = self._scales.weigh(spoken.text, self._net.kinds(scan.text))
        if score >= (GRAVE_EXPLAINED if known else GRAVE):
            yield Hit(0, size, "red_flag", "red", doubt=True)
        elif score >= UNEASY and not known:
            yield Hit(0, size, "unwell", "yellow", doubt=True)

    def _worsened(self, risks: Sequence[Hit], text: str) -> Iterator[Hit]:
        """A fall with an injury, or without getting up again, or that is waved away, is red."""
        for hit in risks:
            fall = hit.intent == "fell" and not hit.negated and not hit.vague
            yield replace(hit, risk="red") if fall and self._context.worsened(hit, text) else hit

    def _wishes(self, scan: Scan, text: str, variants: frozenset[str]) -> tuple[list[Hit], list[Hit]]:
        """What is wanted or answered, and what is turned down."""
        neighbours = Spans(hit.span for hit in (*scan.phrases, *scan.risks))
        wishes: list[Hit] = []
        declined: list[Hit] = []
        for hit in scan.phrases:
            if self._counts(hit, neighbours, text, variants):
                turned_down = hit.intent not in ANSWERS and self._context.declined(hit, text)
                (declined if turned_down else wishes).append(hit)
        corrected = self._context.corrected(text)
        wishes = [hit for hit in wishes if hit.start >= corrected] or wishes
        return [hit for hit in wishes if text[hit.start : hit.end] not in self._manners.polite] or wishes, declined

    def _counts(self, hit: Hit, neighbours: Spans, text: str, variants: frozenset[str]) -> bool:
        phrase = text[hit.start : hit.end]
        if phrase in self._manners.alone:
            return phrase in variants
        if hit.intent == "fine" and text[hit.end : hit.end + 1] == "吗":
            return False
        bare = hit.intent in ("yes", "no") or (hit.intent == "fine" and phrase[0] in "没不")
        return not bare or _stands_apart(hit, neighbours, text)

    def _variants(self, text: str) -> frozenset[str]:
        """The utterance as it is, and without what may stand around an answer."""
        start, end = self._manners.core(text := _once(text))
        return frozenset((text, text[start:], text[start:end], text[:end], text[start:end] + "了"))


def _once(text: str) -> str:
    """没有，没有 as 没有: an answer that is only repeated."""
    flat = text.replace(PAUSE, "")
    sizes = (size for size in range(1, len(flat) // 2 + 1) if len(flat) % size == 0)
    return next((flat[:size] for size in sizes if flat == flat[:size] * (len(flat) // size)), text)


def _answer(asked: Question, text: str, variants: frozenset[str]) -> Intent | None:
    """What the utterance says in the words that belong to the question alone."""
    whole = next((asked.phrases[variant] for variant in variants if variant in asked.phrases), None)
    return whole or next((intent for pattern, intent in asked.patterns if pattern.search(text)), None)


def _stands_apart(hit: Hit, neighbours: Spans, text: str) -> bool:
    """Whether an answer is one, and not the beginning or the end of something longer: 没有 in 没有电."""
    before = hit.start == 0 or text[hit.start - 1] in BEFORE_ANSWER or neighbours.end_at(hit.start)
    return before and (hit.end == len(text) or text[hit.end] in AFTER_ANSWER or neighbours.start_at(hit.end))
