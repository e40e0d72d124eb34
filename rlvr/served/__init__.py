"""A model behind an OpenAI-compatible server as a policy: vLLM, SGLang, llama.cpp, Ollama, or a paid one.

What is asked for is `n` completions of a task at once. A server that gives fewer, or that refuses `n`, is
asked for one at a time from then on; each request has a seed of its own, so that no two are the same draw.
Temperature and top_p are always sent; what else a server does by its own settings (top_k, penalties) it does.
Of a chat answer the visible text counts: a server that sets thinking apart has set it apart.

Covered: servers that are busy, restart, stall, or answer with what is none of theirs. Not covered: a call
from a thread in which an event loop is running (use another thread).
"""

from rlvr.served.caller import only_model
from rlvr.served.policy import ServedPolicy

__all__ = ["ServedPolicy", "only_model"]
