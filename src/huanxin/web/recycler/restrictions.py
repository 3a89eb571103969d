"""What stands against the firm: why and until when, and objecting."""

from huanxin.web import restriction_parts

restriction_list, appeal = restriction_parts.desk_pages("recycler")
