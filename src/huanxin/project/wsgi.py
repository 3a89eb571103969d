"""What granian serves as the web process."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huanxin.project.settings")
application = get_wsgi_application()
