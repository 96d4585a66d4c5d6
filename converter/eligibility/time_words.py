"""The words by which criteria speak of time, in classes.

The grammar over them is in durations.py, lifetimes.py, anchors.py, directions.py, targets.py and windows.py.
"""

from __future__ import annotations


def each(*words: str) -> frozenset[str]:
    """The words of several lines as a class."""
    return frozenset(word for line in words for word in line.split())


# Which side of now, before a length: "in the last 6 months", "within the next 30 days"
EARLIER = each("last past previous prior preceding recent latest foregoing immediate precedent antecedent")
LATER = each("next coming following upcoming subsequent forthcoming ensuing")

# At most, at least: "less than 3 months", "6 months or longer"
UPPER = each("< ≤ less lesser fewer under below most maximum max up shorter inferior lower earlier sooner younger")
LOWER = each("> ≥ more greater above least minimum min longer beyond exceeding exceeds superior upwards higher older")
BOUNDS = UPPER | LOWER
WITHIN = each("within whithin wihtin")
INSIDE = each("in during throughout over across")
# Words that stand between what says how and the length, and add nothing
GLUE = each(
    "the a an of to than then that at or equal = about approximately approx around ~ period duration time any is interval course",
    "this these his her their even very and minus / ±",
)
LEAD = UPPER | LOWER | WITHIN | INSIDE | EARLIER | LATER | GLUE | each("for no not first initial since after before older younger")

ABOUT = each("approximately approx about around ~")
# "50% or more after 2 weeks"
AFTER_AMOUNT = each("after within in for during over before since from at")

# After these a length counts how long something lasts
LASTING = each(
    "lasting lasts lasted duration stable persisting persistent persists persisted persistence present chronic continuous continued",
    "continuously history experience stay period ongoing length unchanged maintained washout wash out remission interval",
    "course courses short brief limited operative",
)
# What does not change lasts over all of the time that is said: "stable weight in the 3 months before screening"
STEADY = each("stable unchanged persisted free off")
# "No seizures for at least 3 months", "not requiring steroids for at least 2 weeks"
ABSENT = each("no without requiring require")
ABSENT_NO_MORE = each(", ; : . ( ) who which and but if unless with stable")
# … which is there or not, while steroids are given for more or less than 3 weeks
SHOWN = each("evidence change changes recurrence relapse progression signs symptoms menses menstruation")
LONGER = each("> more longer greater beyond over exceeding")
STEADY_NO_MORE = each(", ; : . or if not unless change changes changed variation")
# After these it counts from when something happened
HAPPENED = each(
    "diagnosed diagnosis surgery onset transplant transplantation injury stroke infarction implantation trauma fracture postpartum",
    "postmenopausal postmenopause menopause post",
)
# Somebody is "2 years postmenopausal", "6 weeks post-partum"
STATES = each("postmenopausal menopausal postmenopause menopause postpartum partum")
# "3 months of" one of these is how long something else lasts
EVOLVING = each("evolution duration age standing follow")
# What is within a time of one of these comes after it; nothing lasts "less than 24 hours of" one
ENDED = HAPPENED | each(
    "admission birth delivery arrival presentation discharge ingestion exposure death symptoms hospitalization hospitalisation",
    "last completion completing conclusion ending end discontinuation cessation stopping intake eating drinking inhaling",
)
AGED = each("age aged ages old older younger")
YEARS_OF = each("age old life aged")
YOUNG_AND_OLD = each("adults adult infants infant children child newborns neonates toddlers babies teens teenagers adolescents boys girls")
COUNTED_FROM_BIRTH = each("age aged ages gestation gestational")
SURVIVAL = each("expectancy survival prognosis survive expectation pfs dfs lifespan span")
# A bare length after an event is a point of time ("4 weeks after surgery") unless one of these comes before it
UNTIL = each("until till through to and or plus additional further including")
PLANNED = each(
    "plan plans planned planning intend intends intending intention expected expects anticipated anticipate scheduled wish wishing",
    "desire will likely candidate candidates awaiting waiting listed",
)

# What a length is counted from: "prior to screening", "after surgery"
BEFORE = each("before preceding predating pre antecedent")
AFTER = each("after following post beyond past")
AGO = each("ago earlier previously beforehand prior previous before preceding")
# Between a length and its event nothing is said by these
BEFORE_EVENT = each(
    "immediately directly just shortly immediate period periods time interval window duration consecutive timeframe either at least",
    "s '",
)
EVENT_LEADING = each("prior previous the a an their his her this our of or to on being any such -")
EVENT_TRAILING = each("of in into to the a an on at from - this their his her /")
EVENT_STOP = each(
    "and or with who whom that which unless except will would is are was were if but as without for including by within during has",
    "have had when where should must can may not provided until through while than because due regardless whichever excluding",
    "such defined",
    "requiring based despite no none whether per any only need cannot could did do does been before after since ago ( ) , ; : . [ ]",
    "< > ≥ ≤ = • * ? !",
)
# "to" goes on in an event after these: "admission to the ward"
BEFORE_TO = each(
    "entry admission exposure return transfer access conversion response assignment presentation referral allocation enrollment",
    "enrolment randomization randomisation assigned admitted exposed randomized randomised",
)
# Events of the study: a time "of" such an event lies before or around it; of any other event it lies after it
STUDY_EVENTS = each(
    "screening enrollment enrolment enrolling enrolled randomization randomisation randomized randomised baseline visit inclusion",
    "included entry registration consent dosing dose administration study trial start beginning initiation initiating day treatment",
    "recruitment participation protocol assessment testing therapy infusion allocation starting cycle evaluation vaccination",
    "leukapheresis apheresis signing drug commencing eligibility entering icf",
)
# … of these, the ones by which somebody enters it
ENTRY = each(
    "screening enrollment enrolment enrolling enrolled randomization randomisation randomized randomised baseline visit inclusion",
    "included registration consent icf entry entering",
)
PLANNED_EVENTS = each("surgery operation procedure procedures biopsy imaging scan mri")

# "ever", "at any time": another time was said before the "or"
OTHER_TIME = each(
    "time ever lifetime now currently screening baseline registration enrollment enrolment randomization randomisation visit entry",
)

# What is limited does not reach over one of these
BOUNDARY = each("; . : • * ? !")
CONNECTING = each("or and , /")
JOINING = CONNECTING | each("but than - for then planned scheduled anticipated expected")
PEOPLE = each(
    "subjects patients participants individuals women woman men persons volunteers children subject patient participant person",
    "those females males people adults diagnosed infants candidates anyone",
)
ANYBODY = PEOPLE | each("female male adult healthy eligible elderly pediatric all the")
# The phrase that names what is limited begins after one of these
OPENING = PEOPLE | each(
    "who which have has had having received receiving receive receives taken taking takes take took undergone underwent undergoing",
    "undergo used using been is are was were be being did not does do if when must should will may can but unless except excluding",
    "experienced reported suffered suffering requiring required require he she they history evidence presence documented known",
    "whose recently currently previously given use usage exposure intake become becoming planned planning expected scheduled cannot",
    "able unable intends intend wishes without no never participated participating there experiencing smokers provided least",
    "consumed consuming ingested occurrence experience because treated defined",
)
# All of a list with commas is meant after one of these
GOVERNING = each(
    "use usage intake treatment treatments therapy administration receiving received receive receives taken taking take took used",
    "using exposure treated had undergone underwent consumption medications medication drugs abstain inhibitors inhibitor inducers",
    "agents antagonists ingested consumed",
)
# Not what is limited, at the end of what stands before a length
TRAILING = each(
    "performed completed occurring occurred diagnosed given within in at on for of with to by from the a an and or is are was were",
    "been be being has have had - , ( [ taken used received obtained done administered documented required made as daily present",
    "lasting started initiated either both measured determined carried not that which during ended confirmed recorded reported",
    "conducted collected all who only more than currently previously recently least \" ' / any time persisting stable duration",
    "period resolved up regularly since must undergone i e also greater < > ≥ ≤ = should unchanged approximately even less prior it",
    "including especially minimum maximum ± + twice once ~ remained remain until through throughout if allowed permitted another",
    "additional further starting after before when then still agree agrees upon eligible acceptable no last willing above below",
    "over under planned scheduled history discontinued stopped interrupted withdrawn held elapsed ensued happened occur occurs",
    "postponed delayed begun began begin commenced placed implemented permitted will can could may resumed terminated finished existed",
    "cannot but kept withheld rescheduled",
)
# … and at the beginning of the phrase
LEADING = CONNECTING | each(
    "the a an any other another their his her your of to in for with from at on by that this either both all ) ] - current previous",
    "prior recent past ongoing as also more than such following must subject ' \" ( some one least active which elapsed passed",
)
# What a treatment did, or did not do, names nothing by itself
FAILED = each(
    "failed failure fail fails refractory unresponsive intolerant completed completing complete receiving received between but plus up",
    "elapsed ended end ends as one two more",
)
STOP_AFTER = each("; . • * ? ! who which unless except will ) but if are is was were must should")
# Words in parentheses together with a length that name nothing of their own
WEAK = each(
    "use daily any patient report by only breast pounds change and or of is not if taken stable ie eg completed performed last",
    "treatment regular current the in within for as defined with over at to during from on i e g occurring occurred received",
    "administered given diagnosed than more less documented lasting duration present history obtained started starting beginning",
    "unless except onset",
)
ATTRIBUTES = each(
    "recent new acute chronic early late long prolonged persistent stable recently prior previous regular short current sustained",
)
MEASURES = each(
    "kg lbs lb % mg g ml l dl mmol mmhg pounds cm mm times occasions episodes points min m cigarettes drinks pack packs x percent",
    "iu mcg kcal mm3 m2",
)
AMONG_AMOUNT = each("/ - , ^ × * giga cells to units u")
COMPARING = each("< > ≥ ≤ = than to least of : ± - ~ over under above below ;")
# "as" one of these "by the investigator"
DEFINED = each("defined determined assessed judged specified described outlined evidenced documented confirmed noted indicated per")
PHASE = each("at during throughout starting before while whilst")
