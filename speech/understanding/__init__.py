"""Text to meaning: what an old person on the telephone wants, and whether they are in danger.

`Understanding(phrases).understand(text, question)` returns a Meaning. It is pure and deterministic, works in time that
grows with the text alone, and never raises, whatever the text.

How a text becomes a meaning
    1. `spelling`: fillers, spaces, punctuation, traditional characters, full-width digits and Jiangsu words are
       brought to one spelling.
    2. `scan`: set phrases (longest match first), patterns of danger and of requests, and traces: single words such
       as 血 that count where nothing longer explains them. Masks (血压计, 摔跤比赛) are looked away from. `sounds`
       adds dangers that were written with characters that sound alike (就护车).
       Where nothing as grave as a fall was recognised, `net` looks for kinds of words that stand close together
       (a part of the body beside something wrong with it), and `scales` weigh the utterance as a whole by what
       they have learnt. What these two find always asks for a key.
    3. `context`: a danger that is denied, over, feared, asked about, on the news or somebody else's becomes a doubt.
    4. `decide`: the gravest risk, the foremost intent, and whether to ask for a key.
The language itself is in `mandarin/*.yaml`, for reviewers who do not program.

Risk
    red     emergency and red_flag; a fall with an injury, without getting up, or waved away (我跌倒了没事); an
            overdose that was taken; unwell after `checkin_health`, and after `menu` (there it is the urgent choice;
            beside a request an ailment stays yellow, and malaise asks for a key).
    orange  fell and self_harm.
    yellow  other unwell; sleep, meals, mood; medicine running out; a "fine" beside which something uneasy stands.
    A doubtful risk keeps its grade: `confirm` says that a key must be asked for, `risk` what staff see.

Confirm
    A risk that is denied, over, feared, hypothetical, asked about, heard on the news, or a stranger's; 没事就是胸闷
    (good news, then a "but"); single words and look-alike sounds; an answer that fits its question badly (没有 to
    "how are you"); a bare member of a pair that collides in this accent (新闻/胸闷, 没事/没吃, 睡了/摔了 …).
    Dangers to the household and calls for help are certain. One that is certain outweighs doubtful ones as grave.

Negated
    A risk or a wish was heard under a negation. A denied risk keeps its intent; a declined wish (不要听新闻) is a `no`.

Intent
    A certain red comes first, then orange, then the specific request, then person, help, ailment, and last yes, no,
    fine and goodbye. 不对不对 and the like discard the requests before them, never the risks. Yes, no and fine stay
    what they are; what they amount to is in `risk` (after `checkin_falls` 有 is a yes with an orange risk to confirm).
    Spoken digits are no keys and mean nothing.
"""

from speech.understanding.meaning import INTENTS, Intent, Meaning, Risk
from speech.understanding.understand import Understanding

__all__ = ["INTENTS", "Intent", "Meaning", "Risk", "Understanding"]
