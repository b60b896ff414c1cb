"""What people come with: for each problem the diagnosis, services, exercises, measures and goals, in plain words.

The content is common and general, written for this file; it is no advice for anybody's treatment.
"""

from __future__ import annotations

import msgspec

from fifteen.engine.documentation.note import MeasureKind, Movement, Side
from fifteen.engine.people import Discipline


class Drill(msgspec.Struct, frozen=True):
    """An exercise or technique and how its dose starts and grows; `load` in pounds a step, `band` True: by colour."""

    name: str
    region: str
    type: Movement
    sets: int | None = 2
    reps: int | None = 10
    load: int | None = None
    band: bool = False
    hold_s: int | None = None
    duration_s: int | None = None
    position: str | None = None
    device: str | None = None
    cues: str | None = None


class Given(msgspec.Struct, frozen=True):
    """A service of the problem: its minutes from and to, its drills, and why it needs a therapist. `sure` 0 to 100."""

    code: str
    what: str
    least: int
    most: int
    drills: tuple[Drill, ...]
    reasons: tuple[str, ...]
    responses: tuple[str, ...]
    sure: int = 100


class Course(msgspec.Struct, frozen=True):
    """Something measured at each report, from its first to its last value."""

    kind: MeasureKind
    name: str
    first: int
    last: int
    unit: str


class Aim(msgspec.Struct, frozen=True):
    term: str
    text: str
    task: str
    target: str
    unit: str
    baseline: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    discipline: Discipline
    name: str
    code: str
    words: str
    sided: bool
    evaluation: str
    services: tuple[Given, ...]
    measures: tuple[Course, ...]
    outcome: tuple[str, int, int]
    aims: tuple[Aim, ...]
    deficits: tuple[str, ...]
    prior: str
    reports: tuple[str, ...]
    therapy: str


SIDES: tuple[Side, ...] = ("left", "right")
BANDS = ("yellow", "red", "green", "blue")
PRECAUTIONS = (
    "", "", "", "", "Fall risk: gait belt at all times.", "Latex allergy.", "Orthostatic: sit before standing.",
    "No lifting over 10 lb until cleared.", "Hard of hearing: face the patient.", "Thin liquids only as cleared.",
)  # fmt: skip
_MANUAL = (
    "End feel judged at each grade and the grade chosen by irritability.",
    "Direction and depth changed within the session by what the tissue allowed.",
    "Joint play compared side to side to decide where to mobilise.",
)
_EXERCISE = (
    "Load chosen from the quality of the last set and lowered when form was lost.",
    "Verbal and tactile cues to stop substitution; tempo set by the therapist.",
    "Alignment corrected in each set, range limited to where control was kept.",
)
_BALANCE = (
    "Base of support narrowed step by step, guarding needed at each loss of balance.",
    "Task order changed to stress reactive control; close supervision for safety.",
)
_TASK = (
    "Task broken into parts, sequence cued and then faded as errors fell.",
    "Body mechanics analysed in the task and corrected by hand.",
)
_BETTER = (
    "Tolerated well, pain no higher at the end.",
    "Fewer cues in the last set than in the first.",
    "Range held after the session, mild muscle fatigue only.",
    "Needed one rest, then finished with better control.",
)

KNEE = Problem(
    discipline="PT", name="Knee stiffness after total knee replacement", code="M25.661",
    words="stiffness of the knee after replacement", sided=True, evaluation="97162",
    services=(
        Given(
            "97140", "patellar and tibiofemoral mobilisation", 9, 14,
            (Drill("tibiofemoral joint mobilization", "knee", "manual", None, None, duration_s=300),), _MANUAL, _BETTER,
        ),
        Given(
            "97110", "strengthening and range of the knee", 16, 26,
            (
                Drill("straight leg raise", "hip", "isotonic", 3, 10, load=1, cues="keep the knee straight"),
                Drill("heel slide", "knee", "arom", 2, 15),
                Drill("terminal knee extension", "knee", "isotonic", 2, 12, band=True),
            ), _EXERCISE, _BETTER,
        ),
        Given(
            "97530", "stairs and sit to stand", 8, 13,
            (Drill("step up", "lower extremity", "functional", 2, 8, device="6 inch step"),), _TASK, _BETTER, 70,
        ),
    ),
    measures=(
        Course("rom", "knee flexion", 88, 118, "degrees"), Course("strength", "quadriceps", 3, 5, "/5"),
        Course("pain", "pain at worst", 7, 2, "/10"),
    ),
    outcome=("LEFS", 28, 62),
    aims=(
        Aim("long", "Walks up and down 12 stairs step over step with one rail.", "stairs", "12", "steps", "2 steps"),
        Aim("short", "Bends the knee to 110 degrees to get in and out of a car.", "car transfer", "110", "degrees",
            "88 degrees"),
    ),
    deficits=("stairs one step at a time", "cannot rise from a low chair without arms"),
    prior="Walked a mile and climbed stairs without help.",
    reports=("Slept better, stiff in the morning.", "Walked to the mailbox and back.", "Stairs are still slow.",
             "Did the home exercises twice a day."),
    therapy="Physical therapy: manual therapy, exercise, functional training",
)  # fmt: skip

BACK = Problem(
    discipline="PT", name="Low back pain with stiffness", code="M54.50", words="low back pain", sided=False,
    evaluation="97161",
    services=(
        Given(
            "97140", "lumbar mobilisation and soft tissue work", 9, 13,
            (Drill("lumbar joint mobilization", "lumbar spine", "manual", None, None, duration_s=300),), _MANUAL,
            _BETTER,
        ),
        Given(
            "97110", "trunk and hip strengthening", 17, 26,
            (
                Drill("bridge", "hip", "isotonic", 2, 12, load=2, cues="ribs down, no arching"),
                Drill("bird dog", "core", "isometric", 2, 8, hold_s=5, position="quadruped"),
                Drill("hamstring stretch", "thigh", "stretching", 3, 1, hold_s=30),
            ), _EXERCISE, _BETTER,
        ),
        Given(
            "97530", "lifting and carrying with good mechanics", 8, 13,
            (Drill("lift from floor", "whole body", "functional", 2, 6, load=5),), _TASK, _BETTER, 50,
        ),
    ),
    measures=(
        Course("rom", "lumbar flexion", 35, 60, "degrees"), Course("pain", "pain at worst", 8, 2, "/10"),
        Course("strength", "hip extension", 3, 5, "/5"),
    ),
    outcome=("ODI", 46, 14),
    aims=(
        Aim("long", "Lifts 20 lb from floor to waist to bring in groceries.", "lifting groceries", "20", "lb", "5 lb"),
        Aim("short", "Sits 45 minutes for a meal.", "sitting at table", "45", "minutes", "15 minutes"),
    ),
    deficits=("cannot sit through a meal", "cannot lift laundry"), prior="Lifted and gardened without limits.",
    reports=("Less pain on rising.", "Sat through a film with one break.", "Sore after yard work.",
             "Turning in bed is easier."),
    therapy="Physical therapy: manual therapy, exercise, lifting training",
)  # fmt: skip

SHOULDER = Problem(
    discipline="PT", name="Shoulder weakness after rotator cuff strain", code="M75.101",
    words="incomplete tear of the rotator cuff", sided=True, evaluation="97161",
    services=(
        Given(
            "97140", "glenohumeral mobilisation", 8, 13,
            (Drill("glenohumeral joint mobilization", "shoulder", "manual", None, None, duration_s=300),), _MANUAL,
            _BETTER,
        ),
        Given(
            "97110", "cuff and scapular strengthening", 18, 28,
            (
                Drill("external rotation", "shoulder", "isotonic", 3, 10, band=True, cues="elbow at the side"),
                Drill("row", "shoulder", "isotonic", 2, 12, band=True),
                Drill("wand flexion", "shoulder", "aarom", 2, 10, position="supine"),
            ), _EXERCISE, _BETTER,
        ),
        Given(
            "97112", "scapular control in reaching", 8, 12,
            (Drill("scapular clock", "shoulder", "coordination", 2, 8, cues="tactile cues at the scapula"),), _BALANCE,
            _BETTER, 50,
        ),
    ),
    measures=(
        Course("rom", "shoulder flexion", 95, 160, "degrees"), Course("strength", "external rotation", 3, 5, "/5"),
        Course("pain", "pain at worst", 6, 1, "/10"),
    ),
    outcome=("QuickDASH", 55, 14),
    aims=(
        Aim("long", "Puts 5 lb on a shelf above the head.", "reaching a shelf", "5", "lb", "0 lb"),
        Aim("short", "Lifts the arm to 140 degrees to wash hair.", "washing hair", "140", "degrees", "95 degrees"),
    ),
    deficits=("cannot reach a shelf", "cannot wash hair with this arm"), prior="Used both arms above the head.",
    reports=("Slept on that side once.", "Reached the second shelf.", "Ached after driving.",
             "Dressing is quicker now."),
    therapy="Physical therapy: manual therapy, exercise, neuromuscular re-education",
)  # fmt: skip

BALANCE = Problem(
    discipline="PT", name="Unsteady walking with falls", code="R26.81", words="unsteadiness on feet", sided=False,
    evaluation="97163",
    services=(
        Given(
            "97112", "standing balance and reactions", 15, 21,
            (
                Drill("tandem stance", "whole body", "balance", 3, 1, hold_s=20, cues="eyes ahead, contact guard"),
                Drill("weight shift on foam", "whole body", "balance", 2, 10, device="foam pad"),
            ), _BALANCE, _BETTER,
        ),
        Given(
            "97116", "gait on level, turns and curbs", 9, 14,
            (Drill("gait training", "whole body", "functional", 1, 4, device="cane", cues="longer left step"),), _TASK,
            _BETTER,
        ),
        Given(
            "97110", "leg strength for rising and stepping", 9, 14,
            (
                Drill("sit to stand", "lower extremity", "isotonic", 2, 8, position="19 inch chair"),
                Drill("heel raise", "ankle", "isotonic", 2, 12, load=1),
            ), _EXERCISE, _BETTER, 80,
        ),
    ),
    measures=(
        Course("balance", "single leg stance", 2, 12, "seconds"), Course("gait", "gait speed", 55, 95, "cm/s"),
        Course("strength", "hip abduction", 3, 4, "/5"),
    ),
    outcome=("BBS", 36, 51),
    aims=(
        Aim("long", "Walks 300 feet outdoors with a cane and no loss of balance.", "walking outdoors", "300", "feet",
            "60 feet"),
        Aim("short", "Stands on one leg 8 seconds to step into the tub.", "tub transfer", "8", "seconds", "2 seconds"),
    ),
    deficits=("two falls in three months", "holds on to furniture when walking"),
    prior="Walked outdoors alone without a device.",
    reports=("No fall since the last visit.", "Caught myself at the sink.", "Walked to the corner with my daughter.",
             "Less afraid on the stairs."),
    therapy="Physical therapy: balance, gait and strength training",
)  # fmt: skip

WRIST = Problem(
    discipline="OT", name="Hand use after wrist fracture", code="M25.631", words="stiffness of the wrist", sided=True,
    evaluation="97165",
    services=(
        Given(
            "97140", "carpal mobilisation and scar work", 8, 13,
            (Drill("carpal joint mobilization", "wrist", "manual", None, None, duration_s=240),), _MANUAL, _BETTER,
        ),
        Given(
            "97110", "wrist and grip strengthening", 16, 25,
            (
                Drill("wrist extension", "wrist", "isotonic", 3, 10, load=1, cues="slow return"),
                Drill("putty grip", "hand", "isotonic", 2, 15, device="soft putty"),
                Drill("tendon glide", "hand", "arom", 2, 10),
            ), _EXERCISE, _BETTER,
        ),
        Given(
            "97530", "opening jars, lifting a pan", 8, 14,
            (Drill("jar opening", "hand", "functional", 2, 6, device="jar set"),), _TASK, _BETTER, 60,
        ),
    ),
    measures=(
        Course("rom", "wrist extension", 25, 60, "degrees"), Course("strength", "grip", 14, 46, "lb"),
        Course("pain", "pain at worst", 6, 1, "/10"),
    ),
    outcome=("QuickDASH", 59, 16),
    aims=(
        Aim("long", "Lifts a 5 lb pan with this hand.", "cooking", "5", "lb", "1 lb"),
        Aim("short", "Turns a door knob without help.", "doors", "10", "turns", "0 turns"),
    ),
    deficits=("cannot open jars", "cannot button with this hand"), prior="Cooked and wrote with this hand.",
    reports=("Buttoned a shirt today.", "Stiff in the morning, looser by noon.", "Held a cup for a minute.",
             "Typing tires the hand."),
    therapy="Occupational therapy: manual therapy, exercise, functional training",
)  # fmt: skip

STROKE = Problem(
    discipline="OT", name="Self-care after stroke", code="I69.351", words="hemiplegia after stroke", sided=True,
    evaluation="97167",
    services=(
        Given(
            "97112", "arm control in sitting and reaching", 15, 23,
            (
                Drill("weight bearing through the arm", "upper extremity", "balance", 2, 6, hold_s=10,
                      cues="hand over hand"),
                Drill("reach to target", "upper extremity", "coordination", 3, 8),
            ), _BALANCE, _BETTER,
        ),
        Given(
            "97535", "dressing and grooming", 14, 22,
            (Drill("upper body dressing", "upper extremity", "functional", 1, 3, cues="affected side first"),), _TASK,
            _BETTER,
        ),
    ),
    measures=(
        Course("function", "minutes to put on a shirt", 14, 5, "minutes"),
        Course("strength", "grip", 6, 22, "lb"), Course("rom", "active shoulder flexion", 40, 95, "degrees"),
    ),
    outcome=("FIM self-care", 18, 36),
    aims=(
        Aim("long", "Dresses the upper body alone in 6 minutes.", "dressing", "6", "minutes", "14 minutes"),
        Aim("short", "Brushes teeth with setup only.", "grooming", "1", "setup", "3 cues"),
    ),
    deficits=("needs help to dress", "cannot cut food"), prior="Dressed and cooked alone.",
    reports=("Put one sleeve on alone.", "Arm feels less heavy.", "Tired after a poor night.",
             "Ate with the fork twice."),
    therapy="Occupational therapy: neuromuscular re-education, self-care training",
)  # fmt: skip

APHASIA = Problem(
    discipline="SLP", name="Word finding after stroke", code="I69.320", words="aphasia after stroke", sided=False,
    evaluation="92523",
    services=(
        Given(
            "92507", "naming and phrase training", 38, 46,
            (
                Drill("semantic feature analysis", "language", "speech", None, 12, cues="first sound, then meaning"),
                Drill("phrase completion", "language", "speech", None, 15),
            ),
            (
                "Cue hierarchy lowered as answers came, error types analysed to choose the next set.",
                "Stimuli graded by frequency and length; self-cueing taught and faded.",
            ),
            ("Named 7 of 10 with a first sound cue.", "Used the gesture cue on his own twice.",
             "Fewer pauses in phrases of four words.", "Frustrated early, then settled with longer wait time."),
        ),
    ),
    measures=(
        Course("speech", "naming of 20 pictures", 7, 17, "correct"),
        Course("speech", "words in a picture description", 18, 52, "words"),
    ),
    outcome=("WAB AQ", 58, 81),
    aims=(
        Aim("long", "Orders a meal in phrases of four words without help.", "ordering a meal", "4", "words", "1 word"),
        Aim("short", "Names 15 of 20 household things.", "asking for things", "15", "of 20", "7 of 20"),
    ),
    deficits=("cannot name what he wants", "cannot use the phone"), prior="Spoke freely, worked in a shop.",
    reports=("Said the neighbour's name.", "Phone call with a daughter went well.", "Lost words when tired.",
             "Practised the cards every day."),
    therapy="Speech-language therapy: language treatment",
)  # fmt: skip

SWALLOW = Problem(
    discipline="SLP", name="Coughing with thin liquids", code="R13.12", words="dysphagia, oropharyngeal phase",
    sided=False, evaluation="92610",
    services=(
        Given(
            "92526", "swallowing exercise and trials", 34, 44,
            (
                Drill("effortful swallow", "throat", "swallowing", 3, 8, cues="hard swallow on command"),
                Drill("chin tuck against resistance", "throat", "swallowing", 2, 10, hold_s=10),
            ),
            (
                "Bolus size and texture changed by signs of aspiration at each trial.",
                "Posture judged by voice quality and cough after each swallow.",
            ),
            ("One cough in 12 sips of thin liquid.", "Clear voice after puree and soft solids.",
             "Two coughs, both without the chin tuck.", "Finished the set without fatigue."),
        ),
    ),
    measures=(
        Course("swallowing", "coughs in 20 sips", 9, 1, "coughs"),
        Course("swallowing", "minutes for a meal", 55, 28, "minutes"),
    ),
    outcome=("EAT-10", 24, 6),
    aims=(
        Aim("long", "Drinks thin liquids at a meal with no more than 1 cough.", "drinking", "1", "coughs", "9 coughs"),
        Aim("short", "Uses the chin tuck in 18 of 20 sips.", "drinking", "18", "of 20", "4 of 20"),
    ),
    deficits=("coughs when drinking", "meals take an hour"), prior="Ate and drank everything.",
    reports=("Coffee went down well.", "Coughed on soup.", "Meals are shorter.", "Forgot the chin tuck at lunch."),
    therapy="Speech-language therapy: swallowing treatment",
)  # fmt: skip

PROBLEMS: dict[Discipline, tuple[Problem, ...]] = {
    "PT": (KNEE, BACK, SHOULDER, BALANCE),
    "OT": (WRIST, STROKE),
    "SLP": (APHASIA, SWALLOW),
}
