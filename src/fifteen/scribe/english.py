"""Plain English words by what they do in a sentence that tells of treatment; therapy's own words are in the lexicon."""

from __future__ import annotations

# Verbs that say a treatment was given.
GIVEN = frozenset(
    (
        "performed", "performing", "completed", "completing", "provided", "received", "given", "gave", "administered",
        "applied", "tolerated", "participated", "engaged", "spent", "did", "done", "treated", "worked", "practiced",
        "practicing", "trained", "instructed", "addressed", "addressing", "consisted", "consisting", "included",
        "including", "includes", "conducted", "initiated", "started", "began", "begun", "followed", "progressed",
        "focused", "focusing", "utilized", "used", "delivered", "devoted", "directed", "required", "walked",
        "ambulated", "seen", "facilitated", "emphasized", "emphasizing", "targeted", "targeting", "incorporated",
        "rendered", "demonstrated", "working", "doing", "lasted", "took", "ran", "resumed", "finished", "ended",
        "practised", "covers", "comprised", "totaled", "concluded", "opened", "moved", "transitioned", "repeated",
        "executed", "dedicated", "attended", "documented", "billed", "logged", "recorded", "fabricated", "continued",
        "was", "were", "taken", "introduced", "kept", "increased", "reduced", "supervised", "supervising",
        "complete", "went",
    )
)  # fmt: skip

# Those who treat and are treated, and the treatment itself: what such a sentence is about.
WHO = frozenset(
    (
        "pt", "patient", "client", "child", "kid", "resident", "he", "she", "they", "we", "i", "you", "therapist",
        "clinician", "provider", "pta", "ota", "cota", "slp", "ot", "dpt", "session", "treatment", "visit", "tx",
        "rx", "intervention", "interventions", "service", "services", "therapy", "today", "todays", "today's",
        "afternoon", "morning", "pt's", "patient's", "student", "treating", "mr", "mrs", "ms", "athlete", "infant",
        "toddler", "boy", "girl", "man", "woman", "lady", "gentleman", "participant", "pts", "this", "exercise",
        "exercises", "program", "activity", "activities", "training",
    )
)  # fmt: skip

# Words that say nothing about who did it, where or when.
PLAIN = frozenset(
    (
        "a", "an", "the", "of", "to", "for", "with", "w", "and", "or", "then", "also", "both", "his", "her", "their",
        "late", "early", "arrived", "present", "observed", "only", "in", "on", "at", "by", "from", "while", "during",
        "after", "afterward", "afterwards", "before", "first", "second", "third", "finally", "later", "remaining",
        "remainder", "rest", "another", "additional", "further", "initial", "skilled", "direct", "total", "plus",
        "minutes", "minute", "min", "mins", "time", "focus", "next", "last", "lastly", "each", "all", "one",
        "individual", "individualized", "hands", "timed", "untimed", "f", "b", "fb", "code", "codes", "cpt", "x", "s",
        "am", "pm", "it", "that", "okay", "ok", "so", "uh", "um", "let's", "see", "well", "now", "good", "had", "has",
        "have", "as", "more", "new", "line", "about", "around", "into", "over", "through", "under", "up", "down",
        "per", "plan", "care", "poc", "despite", "due", "d", "t", "without", "w/", "w/o", "some", "entire", "full",
        "balance", "half", "part", "portion", "ending", "beginning", "start", "end", "day", "land", "clinic", "gym",
        "mat", "pool", "table", "same", "our", "my", "is", "are", "us", "me", "him", "them", "here", "there", "who",
        "no", "not",
    )
)  # fmt: skip

# Words that say it was wished, planned, told or asked, and not done.
UNSAID = frozenset(
    (
        "would", "could", "should", "may", "might", "will", "shall", "must", "can", "cannot", "won't", "if", "unless",
        "scheduled", "planned", "plans", "ordered", "orders", "prescribed", "takes", "costs", "requires", "needs",
        "wants", "asked", "asks", "usually", "normally", "typically", "recommended", "requested", "ideally", "never",
        "expected", "supposed", "approved", "authorized", "allowed", "nightly", "weekly", "meets", "been", "equals",
        "attempted", "postponed", "cancelled", "canceled", "missed", "omitted", "skipped", "offered",
        "order", "referral", "script", "cumulative", "average", "due", "defaults",
        "timer", "timers", "says", "said", "states", "stated", "reports", "reported", "told", "tells", "thinks",
        "believes",
    )
)  # fmt: skip

# Other people, places and papers: what they are said to do is not this treatment.
OTHERS = frozenset(
    (
        "wife", "husband", "spouse", "son", "daughter", "mother", "father", "mom", "dad", "parent", "parents", "aide",
        "tech", "friend", "neighbor", "sister", "brother", "coach", "trainer", "teacher", "school", "hospital",
        "nurse", "chiropractor", "insurance", "insurer", "payer", "records", "record", "note", "facility",
        "colleague", "rep", "company", "employer", "grandmother", "grandfather", "boyfriend", "girlfriend", "partner",
        "roommate",
    )
)  # fmt: skip

# Who does it, right before the verb.
DOERS = ("i", "we", "he", "she", "they", "pt", "patient", "client", "child", "resident")

# Behind `per` and `by`: whose order or plan treatment follows.
OWN = frozenset(("plan", "poc", "protocol", "order", "orders", "prescription", "physician", "md", "therapist", "pt"))

# Participles that say behind a service that it was given.
DONE = frozenset(
    (
        "begun", "introduced", "supervised", "ran", "performed", "completed", "provided", "given", "administered",
        "applied", "done", "delivered", "conducted", "used", "continued", "rendered", "spent", "followed",
        "initiated", "tolerated", "repeated", "addressed", "practiced", "practised", "received", "incorporated",
        "utilized", "resumed", "progressed", "lasted", "took",
    )
)  # fmt: skip

# What somebody does who is only there.
WATCHING = ("present", "observed", "watched", "watching", "observing", "accompanied", "attended")

# Verbs behind a service that need a participle to say it was given.
COPULAS = ("is", "are", "was", "were", "has", "have", "had", "does", "do", "did", "be")

# What a note holds for another day: words of these in a sentence, and all of it is of an earlier one.
COPIED = frozenset(("copied from", "copied forward", "carried forward", "for reference", "template", "prefilled"))

# Behind minutes they say that these were not all given.
STOPPED = frozenset(("stopped", "aborted", "halted", "terminated", "interrupted", "discontinued", "removed"))

# Words that begin why or what for; what stands behind them is not about the minutes before.
BECAUSE = frozenset(
    (
        "to", "toward", "towards", "since", "because", "so", "that", "despite", "including", "before", "after", "as",
        "prior", "focusing", "though", "although", "aimed", "designed", "geared", "intended", "targeting",
    )
)  # fmt: skip

# Words that open a clause which says when or why, and is not itself about the treatment that follows it.
SUBORDINATE = frozenset(
    (
        "as", "since", "because", "after", "although", "though", "while", "when", "once", "despite", "following",
        "due", "given", "whereas",
    )
)  # fmt: skip

# Verbs behind `to` that say what is still to be done.
TO_DO = frozenset(
    (
        "see", "perform", "complete", "do", "receive", "have", "get", "continue", "start", "begin", "work",
        "practice", "practise", "add", "bring", "trial", "try", "initiate", "resume", "return", "attend", "undergo",
    )
)  # fmt: skip

# Behind `as` they say why treatment was given, and not that it was not.
AS_ORDERED = frozenset(("planned", "scheduled", "ordered", "prescribed", "recommended", "requested", "authorized"))
