"""Everything that anybody could see of an exception or an object."""

import traceback


def everything(error: BaseException) -> str:
    """What an exception says, and every other that it came from, with all that they hold."""
    found, chain = [], [error]
    for one in chain:
        found += ["".join(traceback.format_exception(one)), repr(one), repr(one.args), repr(vars(one))]
        chain += [inner for inner in (one.__cause__, one.__context__) if inner is not None and inner not in chain]
    return "\n".join(found)
