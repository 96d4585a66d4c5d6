"""Faults of narrative   https://hl7.org/fhir/R5/narrative.html"""

from tests.faults.change import Change, Fault, fault, of, put
from tests.faults.ground import PLAN

DIV = f"{PLAN}.text.div"


def div(inner: str) -> Change:
    """A narrative with that in its div."""
    return put(DIV, f'<div xmlns="http://www.w3.org/1999/xhtml">{inner}</div>')


FAULTS: list[Fault] = [
    *of("narrative is XHTML", "narrative.html#xhtml",
        fault("div-of-plain-text", put(DIV, "Protocol of NCT03540472")),
        fault("div-without-namespace", put(DIV, "<div>Protocol</div>")),
        fault("div-of-another-namespace", put(DIV, '<div xmlns="http://www.w3.org/2000/svg">Protocol</div>')),
        fault("div-is-a-paragraph", put(DIV, '<p xmlns="http://www.w3.org/1999/xhtml">Protocol</p>')),
        fault("div-in-a-page", put(DIV, '<html xmlns="http://www.w3.org/1999/xhtml"><body><div>Protocol</div></body></html>')),
        fault("div-twice", put(DIV, '<div xmlns="http://www.w3.org/1999/xhtml">A</div><div xmlns="http://www.w3.org/1999/xhtml">B</div>')),
        fault("div-not-closed", put(DIV, '<div xmlns="http://www.w3.org/1999/xhtml"><p>Protocol')),
        fault("tags-crossed", div("<p><b>Protocol</p></b>")),
        fault("break-not-closed", div("one<br>two")),
        fault("less-than-unescaped", div("hemoglobin < 8 g/dL")),
        fault("ampersand-unescaped", div("Smith & Sons")),
        fault("entity-of-html", div("hemoglobin&nbsp;8&deg;"), note="XHTML in JSON has no document type, so only XML's five"),
        fault("attribute-without-quotes", div("<p class=big>Protocol</p>")),
        fault("attribute-twice", div('<p class="a" class="b">Protocol</p>')),
        fault("document-type", put(DIV, '<!DOCTYPE div><div xmlns="http://www.w3.org/1999/xhtml">Protocol</div>')),
        fault("entity-declared", put(DIV, '<!DOCTYPE div [<!ENTITY a "b">]><div xmlns="http://www.w3.org/1999/xhtml">&a;</div>'), note="the way of XXE"),
        fault("tag-in-capitals", div("<P>Protocol</P>"), section="narrative.html txt-1"),
        ),
    *of("txt-1", "narrative.html",
        fault("script", div("<script>alert(1)</script><p>Protocol</p>")),
        fault("event-attribute", div('<p onclick="alert(1)">Protocol</p>')),
        fault("inline-frame", div('<iframe src="https://a.example"></iframe><p>Protocol</p>')),
        fault("form", div('<form><input type="text"/></form>')),
        fault("object", div('<object data="https://a.example/x"></object><p>Protocol</p>')),
        fault("style-element", div("<style>p {color: red}</style><p>Protocol</p>")),
        fault("link-element", div('<link rel="stylesheet" href="https://a.example/x.css"/><p>Protocol</p>')),
        fault("base-element", div('<base href="https://a.example"/><p>Protocol</p>')),
        fault("meta-element", div('<meta http-equiv="refresh" content="0"/><p>Protocol</p>')),
        fault("vector-image", div('<svg><circle r="1"/></svg><p>Protocol</p>')),
        fault("video", div('<video src="https://a.example/x.mp4"></video><p>Protocol</p>')),
        fault("custom-element", div("<trial-card>Protocol</trial-card>")),
        fault("javascript-link", div('<a href="javascript:alert(1)">Protocol</a>'), section="security.html#narrative", note="active content"),
        ),
    *of("txt-2", "narrative.html",
        fault("div-empty", div("")),
        fault("div-of-blanks", div("<p>  \n </p>")),
        ),
    *of("links of the narrative", "narrative.html#id",
        fault("link-to-no-anchor", div('<p><a href="#nowhere">Protocol</a></p>')),
        fault("same-anchor-twice", div('<p id="a">A</p><p id="a">B</p>'), severity="warning", note="HAPI warns"),
        fault("picture-of-no-contained", div('<p><img src="#picture" alt="A"/></p>')),
        ),
]
