"""Pages of the subject 账户: signing in, one's own account, everybody's, and the trail of what was done."""

from care_records.console.accounts import own, signing, trail, users
from care_records.console.accounts.pages import pages

__all__ = ["own", "pages", "signing", "trail", "users"]
