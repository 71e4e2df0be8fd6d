"""Saving a text to a file that the user names."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from textual.app import App

from screens.widgets.dialogs import Ask, Confirm
from screens.widgets.status import size_text


async def save_text(app: App[Any], label: str, file_name: str, text: str) -> str:
    """Ask for the file, never write over one without asking; await it in a worker.

    Returns:
        What to tell: where it is, or why it isn't saved; empty when the question was left.
    """
    proposed = str(Path.cwd() / file_name)
    answer = await app.push_screen_wait(Ask(f"Save {label}", "To the file", proposed, path=True))
    if not answer or not answer.strip():
        return ""
    try:
        target = Path(answer.strip()).expanduser()
        if target.is_dir():
            target /= file_name
        if target.is_dir():
            return f"Not saved: {target} is a folder."
        if target.exists():
            question = f"{target} is there already, with {size_text(target.stat().st_size)}. Replace it?"
            if not await app.push_screen_wait(Confirm("Replace the file", question)):
                return "Not saved."
        await asyncio.to_thread(target.write_text, text, "utf-8")
    except OSError as error:
        return f"Not saved: {answer.strip()} can't be written: {error.strerror}."
    except RuntimeError as error:  # a home that is nobody's
        return f"Not saved: {answer.strip()}: {error}"
    return f"Saved to {target}."
